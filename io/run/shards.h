/* shards.h  OUT.shards, where the shards of a virtual run stay: a folder in it for each run, named by what it depends on
 *
 * A finished OUT refers to the shards in its own folder, OUT.shards/0123456789abcdef. A run that is to take its place works
 * in another one, so that the old result is whole until the new one has its name; then all other folders go. A run with the
 * same plan has the same name, and the same numbers in its shards. Not collective.
 */
#ifndef MG_IO_RUN_SHARDS_H
#define MG_IO_RUN_SHARDS_H

#include "src/core/status.h"

enum { MG_SHARDS_NAME = 17 };

/* mg_shards_name()  the folder's name: the first letters of a run's id (mg_shard_store.id) */
void mg_shards_name(const char *id, char name[MG_SHARDS_NAME]);

/* mg_shards_check()  may this be OUT.shards? Yes when it is not there, or a folder with nothing in it but ours.
 * Returns: MG_OK, or MG_EINPUT naming what is in the way */
mg_status mg_shards_check(const char *shards, mg_error *err);

/* mg_shards_make()  make OUT.shards and the folder NAME in it; both may be there */
mg_status mg_shards_make(const char *shards, const char *name, mg_error *err);

/* mg_shards_move()  give the shards of one folder to another one on the same file system, as far as they are there: those of
 * an interrupted run that goes on with another layout */
mg_status mg_shards_move(const char *from, const char *to, mg_error *err);

/* mg_shards_clear()  remove what is ours in OUT.shards but the folder `keep` (NULL: all), and OUT.shards when it is empty */
mg_status mg_shards_clear(const char *shards, const char *keep, mg_error *err);

#endif
