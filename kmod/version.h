/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The version of module and tool: the only place that says it. */
#ifndef SCHEDSPLIT_VERSION_H
#define SCHEDSPLIT_VERSION_H

#define SCHEDSPLIT_VERSION "0.1.0"

#endif
