/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SCHEDSPLIT_PROBES_H
#define SCHEDSPLIT_PROBES_H

int probes_attach(void);
int probes_calibrate(u32 *cycles);
void probes_detach(void);
const char *probes_name(unsigned int i);

#endif
