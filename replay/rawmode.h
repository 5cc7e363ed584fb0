/* rawmode: the controlling terminal without line editing, and back. Inner header of replay/. */
#ifndef DEJA_RAWMODE_H
#define DEJA_RAWMODE_H

/* Makes the terminal behind `fd` raw until rawmode_leave(); nothing happens when it is not a terminal. While raw, a
 * signal that ends or stops the process gives the terminal back first. */
void rawmode_enter(int fd);
void rawmode_leave(void);

#endif
