// SPDX-License-Identifier: GPL-2.0-or-later
/* Directories for file work: see storage.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/magic.h>
#include <mntent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "error.h"
#include "storage.h"

/* Not in linux/magic.h. */
#define BCACHEFS_MAGIC	0xca451a4e
#define ZFS_MAGIC	0x2fc12fc1
#define RAM_DISK_MAJOR	1

/* A disk that is memory: /dev/ram0, /dev/zram0. */
static bool is_memory(dev_t device)
{
	char path[64], target[PATH_MAX], *name;
	ssize_t n;

	if (major(device) == RAM_DISK_MAJOR)
		return true;
	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u", major(device), minor(device));
	n = readlink(path, target, sizeof(target) - 1);
	if (n < 0)
		return false;
	target[n] = '\0';
	name = strrchr(target, '/');
	return name && !strncmp(name, "/zram", 5);
}

/*
 * A file system without a block device of its own (tmpfs, ramfs, overlay, 9p,
 * nfs …) has major number 0. So have those that span several devices.
 */
static bool on_block_device(const struct stat *st, const struct statfs *fs)
{
	switch ((uint32_t)fs->f_type) {
	case BTRFS_SUPER_MAGIC:
	case BCACHEFS_MAGIC:
	case ZFS_MAGIC:
		return true;
	}
	return major(st->st_dev) && !is_memory(st->st_dev);
}

/* Whether @dir is @path or above it. */
static bool is_above(const char *dir, const char *path)
{
	size_t n = strlen(dir);

	if (n && dir[n - 1] == '/')
		n--;
	return !strncmp(dir, path, n) && (path[n] == '/' || !path[n]);
}

/* The type of the file system that @path is on; the last mount hides others. */
static void type_of(const char *path, char *type, size_t size)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	size_t longest = 0;
	struct mntent *entry;

	snprintf(type, size, "a file system");
	if (!mounts)
		return;
	while ((entry = getmntent(mounts))) {
		size_t n = strlen(entry->mnt_dir);

		if (n < longest || !is_above(entry->mnt_dir, path))
			continue;
		longest = n;
		snprintf(type, size, "%s", entry->mnt_type);
	}
	endmntent(mounts);
}

int storage_check(const char *dir, char *path, char *err, size_t size)
{
	char type[64];
	struct statfs fs;
	struct stat st;

	if (!realpath(dir, path) || stat(path, &st) || statfs(path, &fs))
		return error_set(-EINVAL, err, size, "%s: %s", dir, strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return error_set(-EINVAL, err, size, "%s is no directory", dir);
	if (!on_block_device(&st, &fs)) {
		type_of(path, type, sizeof(type));
		return error_set(-EINVAL, err, size,
				 "%s is on %s, not on a block device: name a directory on a disk",
				 dir, type);
	}
	if (access(path, W_OK | X_OK))
		return error_set(-EINVAL, err, size, "%s: %s", dir, strerror(errno));
	return 0;
}

const char *storage_default(void)
{
	static const char usual[] = "/var/tmp";
	static char path[PATH_MAX];
	struct mntent *entry;
	char err[ERROR_SIZE];
	bool found = false;
	FILE *mounts;

	if (!storage_check(usual, path, err, sizeof(err)))
		return path;
	mounts = setmntent("/proc/self/mounts", "re");
	while (mounts && !found && (entry = getmntent(mounts)))
		found = is_above(usual, entry->mnt_dir) &&
			!storage_check(entry->mnt_dir, path, err, sizeof(err));
	if (mounts)
		endmntent(mounts);
	return found ? path : NULL;
}

char *storage_private_name(const char *dir, char *path, size_t size)
{
	uint64_t random = 0;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		random = (uint64_t)getpid();
	snprintf(path, size, "%s/schedsplit-%016" PRIx64, dir, random);
	return path;
}

/*
 * Only what is in a directory of our own, and no deeper: nobody else can put
 * another in its place while it is emptied.
 */
void storage_remove(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct dirent *entry;
	struct stat st;
	DIR *dir;

	if (fd < 0)
		return;
	dir = fstat(fd, &st) || st.st_uid != geteuid() ? NULL : fdopendir(fd);
	if (!dir) {
		close(fd);
		return;
	}
	while ((entry = readdir(dir)))
		unlinkat(fd, entry->d_name, 0);
	closedir(dir);
	rmdir(path);
}
