/* parts.h  OUT.parts, the folder in which a run keeps its finished shards until OUT is written
 *
 * The folder holds plan.json, which says whose it is, one file a finished shard, a lock while a run lives, status.json,
 * which says how far it is (io/run/status.h), and OUT while it is written. A file gets its name only when all of it is on the disk: it
 * is written under a temporary name, synced, renamed, and the folder is synced.
 */
#ifndef MG_IO_RUN_PARTS_H
#define MG_IO_RUN_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/base/lock.h"
#include "src/core/status.h"

enum { MG_PARTS_NAME = 32 };
#define MG_PARTS_STATUS  "status.json"
#define MG_PARTS_RESULT  "result.h5" /* OUT, while it is written */
#define MG_PARTS_PLACING "placing"   /* as long as it is there, OUT and the files beside it are those of this run */

/* mg_parts_folder()  "run.h5" -> "run.h5.parts", for the caller to free() */
mg_status mg_parts_folder(const char *out, char **ret, mg_error *err);

/* mg_parts_check()  may a run use this folder? Yes when it is not there, empty, or the rest of another run of ours that
 * has ended, for which it waits ten seconds at most. Not collective.
 * Returns: MG_OK, or MG_EINPUT naming what, or which process, is in the way; MG_ESTOP. */
mg_status mg_parts_check(const char *folder, mg_error *err);

/* mg_parts_lock()  make the folder, and hold it against any other run (io/base/lock.h). Not collective.
 * Returns: MG_OK and *ret for mg_lock_release() or mg_parts_remove(); MG_EINPUT naming the process that
 * holds it; MG_EIO. */
mg_status mg_parts_lock(const char *folder, mg_lock **ret, mg_error *err);

/* mg_parts_begin()  the folder with its plan, ready for shards; those of an interrupted run with the same plan stay
 *
 * Purpose:  What an interrupted run with another plan left is removed when `anew`, else refused with the first difference
 *           named. Leftovers of writes that were cut short are removed. Not collective.
 * Args:     plan - the text of plan.json: an object of words and numbers that the shards depend on
 * Returns:  MG_OK, MG_EINPUT or MG_EIO. */
mg_status mg_parts_begin(const char *folder, const char *plan, bool anew, mg_error *err);

/* mg_parts_write_plan()  the plan alone, into a folder where shards stay (io/run/shards.h) */
mg_status mg_parts_write_plan(const char *folder, const char *plan, mg_error *err);

/* mg_parts_check_plain()  MG_EINPUT when what has the name of a file of ours in an open folder is a link or a folder */
mg_status mg_parts_check_plain(int dir, const char *folder, const char *name, mg_error *err);

/* mg_parts_is_ours()  is this a name that a file in such a folder has? mg_parts_is_shard(): that of a whole shard? */
bool mg_parts_is_ours(const char *name);
bool mg_parts_is_shard(const char *name);

/* mg_parts_has()  whether the folder holds a file; those that have their name are whole. Not collective. */
bool mg_parts_has(const char *folder, const char *name);

/* mg_parts_is_seen()  whether this rank sees the folder that rank 0 made. Not collective.
 * Returns: MG_OK, or MG_EIO: the file system is not shared by all nodes. */
mg_status mg_parts_is_seen(const char *folder, mg_error *err);

/* mg_parts_shard_name()  "shard-00000012.h5" */
void mg_parts_shard_name(int64_t id, char name[MG_PARTS_NAME]);

/* mg_parts_write()  a whole file of n bytes, safe against a crash at any moment. Not collective. */
mg_status mg_parts_write(const char *folder, const char *name, const void *bytes, size_t n, mg_error *err);

/* mg_parts_drop()  remove one file of the folder, if it is there. Not collective. */
mg_status mg_parts_drop(const char *folder, const char *name, mg_error *err);

/* mg_parts_remove()  remove all that is ours and the folder; files of others make it fail. Not collective.
 * Args: lock - of the folder, let go of (and set to NULL) when nothing but it is left; NULL: nobody else uses the folder */
mg_status mg_parts_remove(const char *folder, mg_lock **lock, mg_error *err);

/* mg_sync_rename()  sync `from`, give it the name `to`, as mg_rename(), sync the folder. Not collective. */
mg_status mg_sync_rename(const char *from, const char *to, bool force, mg_error *err);

#endif
