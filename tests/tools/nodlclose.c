/* nodlclose.c  sanitizer builds only: Open MPI's plugins stay mapped, so that a leak report can name their module and
 * tests/tools/lsan.supp can tell their leaks from ours */
int dlclose(void *handle);

int dlclose(void *handle)
{
    (void)handle;
    return 0;
}
