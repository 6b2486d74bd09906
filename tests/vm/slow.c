// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Preloaded into a program: sending takes 20 ms longer, putting a file on disk
 * 200 ms. More than a busy host holds an emulated CPU up. For the stub slow_arm.
 *
 * libraries: -shared -fPIC
 */
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void sleep_ms(long ms)
{
	struct timespec delay = { .tv_nsec = ms * 1000000 };

	nanosleep(&delay, NULL);
}

ssize_t send(int fd, const void *data, size_t n, int flags)
{
	sleep_ms(20);
	return syscall(SYS_sendto, fd, data, n, flags, NULL, 0);
}

int fsync(int fd)
{
	sleep_ms(200);
	return (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
	sleep_ms(200);
	return (int)syscall(SYS_fdatasync, fd);
}
