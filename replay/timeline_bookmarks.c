#include "bookmarks.h"
#include "timeline.h"

err_t timeline_find_bookmark(struct timeline *timeline, const char *name, icount_t *mark, bool *found)
{
    struct bookmarks bookmarks;
    err_t error = bookmarks_load(recording_name(timeline->recording), &bookmarks);
    const struct bookmark *bookmark = bookmarks_find(&bookmarks, name);
    *found = bookmark && !err_is(error);
    *mark = *found ? bookmark->at : icount_of(0);
    bookmarks_free(&bookmarks);
    return error;
}

/* Reads the file anew each time: another debugger may have added some. */
err_t timeline_bookmark(struct timeline *timeline, const char *name)
{
    const char *recording = recording_name(timeline->recording);
    struct bookmarks bookmarks;
    if (timeline_diverted(timeline))
        return err_detail(err_make(ERR_USAGE, "bookmark %.100s", name),
                          "a diverted timeline ends with the debugger; go back to the recording first");
    err_t error = bookmarks_load(recording, &bookmarks);
    if (!err_is(error))
        error = bookmarks_put(&bookmarks, name, timeline_now(timeline));
    if (!err_is(error))
        error = bookmarks_save(recording, &bookmarks);
    bookmarks_free(&bookmarks);
    return error;
}

err_t timeline_unbookmark(struct timeline *timeline, const char *name)
{
    const char *recording = recording_name(timeline->recording);
    struct bookmarks bookmarks;
    err_t error = bookmarks_load(recording, &bookmarks);
    if (!err_is(error))
        error = bookmarks_remove(&bookmarks, name)
                    ? bookmarks_save(recording, &bookmarks)
                    : err_detail(err_make(ERR_USAGE, "bookmark %.100s", name), "there is none; see bookmarks");
    bookmarks_free(&bookmarks);
    return error;
}

err_t timeline_bookmarks(struct timeline *timeline, void (*visit)(void *context, icount_t at, const char *name),
                         void *context)
{
    struct bookmarks bookmarks;
    err_t error = bookmarks_load(recording_name(timeline->recording), &bookmarks);
    for (size_t i = 0; i < bookmarks.count && !err_is(error); i++)
        visit(context, bookmarks.list[i].at, bookmarks.list[i].name);
    bookmarks_free(&bookmarks);
    return error;
}
