/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Devices of the laboratory that hang on an I2C bus which is real to user space: each follows every octet it is sent
 * and shows in debugfs what a person would see of it.
 */
#ifndef DUALTONE_LAB_H
#define DUALTONE_LAB_H

#include <linux/debugfs.h>
#include <linux/ktime.h>
#include <linux/seq_file.h>
#include <linux/types.h>

struct lab_device {
	const char *name;
	u16 address;		/* 0: not fitted */
	bool unplugged;
	unsigned int transfers;	/* messages, either way */
	unsigned int octets;

	void (*power_up)(struct lab_device *device);
	void (*write)(struct lab_device *device, const u8 *octets, unsigned int length);
	void (*read)(struct lab_device *device, u8 *octets, unsigned int length);
	/* Files of its own in its directory. */
	void (*files)(struct lab_device *device, struct dentry *directory);
};

extern struct lab_device lab_hd44780, lab_ssd1306, lab_mcp23017;

/* Held during transfers, and while anybody looks or presses. */
extern struct mutex lab_lock;

/* The interrupt line `a` (0) or `b` (1) of the expander has come to this voltage. */
void lab_interrupt(int line, bool high);

int lab_pwm_init(void);
void lab_pwm_exit(void);

/* A debugfs file that is written whole by `name`_show(struct seq_file *), under the lock. */
#define LAB_FILE(name)								\
	static int name##_locked(struct seq_file *file, void *unused)		\
	{									\
		mutex_lock(&lab_lock);						\
		name##_show(file);						\
		mutex_unlock(&lab_lock);					\
		return 0;							\
	}									\
	static int name##_open(struct inode *inode, struct file *file)		\
	{									\
		return single_open(file, name##_locked, NULL);			\
	}									\
	static const struct file_operations name##_file = {			\
		.owner = THIS_MODULE,						\
		.open = name##_open,						\
		.read = seq_read,						\
		.llseek = seq_lseek,						\
		.release = single_release,					\
	}

#endif
