// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The I2C adapter of the laboratory. Below /sys/kernel/debug/dualtone-lab each device has a directory; beside them
 *
 *   faults       write "unplug NAME" (answers no more, forgets all), "plug NAME", "hang" (the bus is held: transfers time
 *                out), "busy" (arbitration is lost), "free"
 *   interrupts   write "a PATH" or "b PATH": what the expander's interrupt line is wired to, the `pull` of a simulated
 *                GPIO line
 */
#include <linux/delay.h>
#include <linux/fs.h>
#include <linux/i2c.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>
#include "lab.h"

DEFINE_MUTEX(lab_lock);

static struct lab_device *const devices[] = { &lab_hd44780, &lab_ssd1306, &lab_mcp23017 };
static enum { FREE, HANGING, BUSY } bus;
static struct dentry *directory;
/* Number of the bus, where a board profile asks for one; -1: the next that is free. */
static int number = -1;

module_param_named(bus, number, int, 0444);
module_param_named(hd44780, lab_hd44780.address, ushort, 0444);
module_param_named(ssd1306, lab_ssd1306.address, ushort, 0444);
module_param_named(mcp23017, lab_mcp23017.address, ushort, 0444);

/* ---- interrupt lines ---- */

static struct interrupt_line {
	struct work_struct work;
	char path[128];
	bool high;
} interrupt_lines[2] = { { .high = true }, { .high = true } };

/* Simulated lines can only be pulled through their file, and writing it sleeps. */
static void pull(struct work_struct *work)
{
	struct interrupt_line *line = container_of(work, struct interrupt_line, work);
	const char *how;
	struct file *file;
	char path[128];
	loff_t position = 0;

	mutex_lock(&lab_lock);
	how = line->high ? "pull-up" : "pull-down";
	strscpy(path, line->path);
	mutex_unlock(&lab_lock);
	if (!path[0])
		return;
	file = filp_open(path, O_WRONLY, 0);
	if (IS_ERR(file)) {
		pr_warn("dualtone-lab: %s: %ld\n", path, PTR_ERR(file));
		return;
	}
	kernel_write(file, how, strlen(how), &position);
	filp_close(file, NULL);
}

void lab_interrupt(int line, bool high)
{
	interrupt_lines[line].high = high;
	schedule_work(&interrupt_lines[line].work);
}

static ssize_t interrupts_write(struct file *file, const char __user *from, size_t length, loff_t *position)
{
	char text[128] = "";
	struct interrupt_line *line;

	if (length >= sizeof(text) || length < 3 || copy_from_user(text, from, length))
		return -EINVAL;
	if ((text[0] != 'a' && text[0] != 'b') || text[1] != ' ')
		return -EINVAL;
	line = &interrupt_lines[text[0] - 'a'];
	mutex_lock(&lab_lock);
	strscpy(line->path, strim(text + 2));
	mutex_unlock(&lab_lock);
	schedule_work(&line->work);
	return length;
}

static const struct file_operations interrupts_file = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = interrupts_write,
};

/* ---- faults ---- */

static struct lab_device *device_called(const char *name)
{
	unsigned int at;

	for (at = 0; at < ARRAY_SIZE(devices); at++) {
		if (!strcmp(devices[at]->name, name))
			return devices[at];
	}
	return NULL;
}

static int fault(const char *verb, struct lab_device *device)
{
	if (!strcmp(verb, "hang"))
		bus = HANGING;
	else if (!strcmp(verb, "busy"))
		bus = BUSY;
	else if (!strcmp(verb, "free"))
		bus = FREE;
	else if (!device)
		return -EINVAL;
	else if (!strcmp(verb, "unplug"))
		device->unplugged = true;
	else if (!strcmp(verb, "plug"))
		device->unplugged = false;
	else
		return -EINVAL;
	if (device)
		device->power_up(device);
	return 0;
}

static ssize_t faults_write(struct file *file, const char __user *from, size_t length, loff_t *position)
{
	char text[32] = "", verb[12], name[16] = "";
	int result;

	if (length >= sizeof(text) || copy_from_user(text, from, length))
		return -EINVAL;
	if (sscanf(text, "%11s %15s", verb, name) < 1)
		return -EINVAL;
	mutex_lock(&lab_lock);
	result = fault(verb, device_called(name));
	mutex_unlock(&lab_lock);
	return result ?: length;
}

static const struct file_operations faults_file = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = faults_write,
};

/* ---- the adapter ---- */

static struct lab_device *device_at(u16 address)
{
	unsigned int at;

	for (at = 0; at < ARRAY_SIZE(devices); at++) {
		if (devices[at]->address == address && address && !devices[at]->unplugged)
			return devices[at];
	}
	return NULL;
}

static int transfer(const struct i2c_msg *message)
{
	struct lab_device *device = device_at(message->addr);

	if (!device)
		return -ENXIO;
	device->transfers++;
	device->octets += message->len;
	if (message->flags & I2C_M_RD)
		device->read(device, message->buf, message->len);
	else
		device->write(device, message->buf, message->len);
	return 0;
}

static int xfer(struct i2c_adapter *adapter, struct i2c_msg *messages, int count)
{
	int at, result = 0;

	if (READ_ONCE(bus) == HANGING) {
		msleep(200);
		return -ETIMEDOUT;
	}
	if (READ_ONCE(bus) == BUSY)
		return -EAGAIN;
	mutex_lock(&lab_lock);
	for (at = 0; at < count && !result; at++)
		result = transfer(&messages[at]);
	mutex_unlock(&lab_lock);
	return result ?: count;
}

static u32 functionality(struct i2c_adapter *adapter)
{
	return I2C_FUNC_I2C | I2C_FUNC_SMBUS_EMUL;
}

static const struct i2c_algorithm algorithm = { .xfer = xfer, .functionality = functionality };

static struct i2c_adapter adapter = {
	.owner = THIS_MODULE,
	.algo = &algorithm,
	.name = "dualtone laboratory",
	/* A fault is the firmware's to deal with. */
	.retries = 0,
};

static int __init lab_init(void)
{
	unsigned int at;
	int result;

	for (at = 0; at < ARRAY_SIZE(interrupt_lines); at++)
		INIT_WORK(&interrupt_lines[at].work, pull);
	directory = debugfs_create_dir("dualtone-lab", NULL);
	debugfs_create_file("faults", 0200, directory, NULL, &faults_file);
	debugfs_create_file("interrupts", 0200, directory, NULL, &interrupts_file);
	for (at = 0; at < ARRAY_SIZE(devices); at++) {
		struct dentry *own = debugfs_create_dir(devices[at]->name, directory);

		debugfs_create_u32("transfers", 0444, own, &devices[at]->transfers);
		debugfs_create_u32("octets", 0444, own, &devices[at]->octets);
		devices[at]->files(devices[at], own);
		devices[at]->power_up(devices[at]);
	}
	result = lab_pwm_init();
	if (result)
		goto no_pwm;
	adapter.nr = number;
	result = i2c_add_numbered_adapter(&adapter);
	if (!result)
		return 0;
	lab_pwm_exit();
no_pwm:
	debugfs_remove_recursive(directory);
	return result;
}

static void __exit lab_exit(void)
{
	unsigned int at;

	i2c_del_adapter(&adapter);
	lab_pwm_exit();
	debugfs_remove_recursive(directory);
	for (at = 0; at < ARRAY_SIZE(interrupt_lines); at++)
		cancel_work_sync(&interrupt_lines[at].work);
}

module_init(lab_init);
module_exit(lab_exit);
MODULE_DESCRIPTION("Devices of a telephone that exist only in software");
MODULE_LICENSE("Dual MIT/GPL");
