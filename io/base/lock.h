/* lock.h  one run at a time: a file that a living process holds
 *
 * The file is locked (an open-file-description lock, which NFS and Lustre pass on to all nodes), so that the lock goes
 * with its process however that ends, and one that a killed run left is simply taken over. In the file stands who holds
 * it. Where the file system has no locks, that decides: a process of this node that lives is believed, one of another
 * node cannot be asked, and a warning is given.
 */
#ifndef MG_IO_BASE_LOCK_H
#define MG_IO_BASE_LOCK_H

#include "src/core/status.h"

typedef struct mg_lock mg_lock;

/* mg_lock_take()  hold `path`, made when it is not there, until mg_lock_release() or the end of the process
 *
 * Args:     what - whom the sentence is about: "run.h5.parts"
 * Returns:  MG_OK and *ret; MG_EINPUT when another process holds it: "run.h5.parts belongs to a run that is still alive
 *           (process 123 on node n03, since 2026-11-23T03:40:12Z); ..."; MG_EIO. Not collective. */
mg_status mg_lock_take(const char *path, const char *what, mg_lock **ret, mg_error *err);

/* mg_lock_look()  would mg_lock_take() say that another process holds it? Changes nothing. */
mg_status mg_lock_look(const char *path, const char *what, mg_error *err);

/* mg_lock_release()  remove the file and let go; NULL is fine */
void mg_lock_release(mg_lock *lock);

#endif
