// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * An expander MCP23017 with contacts between its pins. A contact joins two pins, or a pin and ground, and current takes
 * every way it finds: three keys of a rectangle make the ghost of the fourth, as in a matrix without diodes.
 */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "lab.h"

#define PINS 16
#define GROUND PINS
#define NETS (PINS + 1)

/* Registers of port A with IOCON.BANK = 0; those of port B follow each. */
enum {
	IODIR = 0x00, IPOL = 0x02, GPINTEN = 0x04, DEFVAL = 0x06, INTCON = 0x08, IOCON = 0x0a, GPPU = 0x0c,
	INTF = 0x0e, INTCAP = 0x10, GPIO = 0x12, OLAT = 0x14, REGISTERS = 0x16,
};

#define BANK 0x80
#define MIRROR 0x40
#define SEQOP 0x20
#define ODR 0x04
#define INTPOL 0x02

static struct {
	u8 registers[REGISTERS];
	u8 pointer;
	u16 levels;		/* Voltages of the pins. */
	bool contact[NETS][NETS];
	unsigned int shorts;	/* Times at which one output was joined to an opposite one. */
	u8 interrupt;		/* Lines that are active: bit 0 a, bit 1 b. */
} mcp;

static u16 word(u8 reg)
{
	return mcp.registers[reg] | mcp.registers[reg + 1] << 8;
}

static void set_word(u8 reg, u16 value)
{
	mcp.registers[reg] = value;
	mcp.registers[reg + 1] = value >> 8;
}

/* Joins what contacts join: afterwards pins of one net have the same number. */
static void find_nets(u8 net[NETS])
{
	bool changed = true;
	int a, b;

	for (a = 0; a < NETS; a++)
		net[a] = a;
	while (changed) {
		changed = false;
		for (a = 0; a < NETS; a++) {
			for (b = 0; b < NETS; b++) {
				if (mcp.contact[a][b] && net[a] > net[b]) {
					net[a] = net[b];
					changed = true;
				}
			}
		}
	}
}

/* Low wins over high, a driver over a pull-up; a pin that nobody holds reads low. */
static u16 voltages(void)
{
	u16 outputs = ~word(IODIR), latch = word(OLAT), pulled = word(GPPU), levels = 0;
	u8 net[NETS];
	int a, b;

	find_nets(net);
	for (a = 0; a < PINS; a++) {
		bool low = false, high = false, up = false;

		for (b = 0; b < NETS; b++) {
			if (net[b] != net[a])
				continue;
			if (b == GROUND)
				low = true;
			else if (outputs & BIT(b))
				*(latch & BIT(b) ? &high : &low) = true;
			else
				up |= !!(pulled & BIT(b));
		}
		if (low && high)
			mcp.shorts++;
		if (!low && (high || up))
			levels |= BIT(a);
	}
	return levels;
}

static void show_interrupts(void)
{
	u8 iocon = mcp.registers[IOCON];
	bool a = mcp.registers[INTF], b = mcp.registers[INTF + 1];
	u8 active;
	int line;

	if (iocon & MIRROR)
		a = b = a || b;
	active = (a ? 1 : 0) | (b ? 2 : 0);
	for (line = 0; line < 2; line++) {
		if (!((active ^ mcp.interrupt) & BIT(line)))
			continue;
		/* An open drain only pulls low, whatever the polarity. */
		lab_interrupt(line, !!(active & BIT(line)) == ((iocon & INTPOL) && !(iocon & ODR)));
	}
	mcp.interrupt = active;
}

/* Something has changed: contacts, directions, latches. A port that has an interrupt takes no other until it is read. */
static void settle(void)
{
	u16 levels = voltages();
	u16 seen = levels ^ word(IPOL);
	u16 differs = (levels ^ mcp.levels) & ~word(INTCON);
	u16 wants = ((levels ^ word(DEFVAL)) & word(INTCON)) | differs;
	int port;

	mcp.levels = levels;
	wants &= word(GPINTEN) & word(IODIR);
	for (port = 0; port < 2; port++) {
		u8 flags = wants >> (8 * port);

		if (!flags || mcp.registers[INTF + port])
			continue;
		mcp.registers[INTF + port] = flags;
		mcp.registers[INTCAP + port] = seen >> (8 * port);
	}
	set_word(GPIO, seen);
	show_interrupts();
}

static void power_up(struct lab_device *device)
{
	memset(mcp.registers, 0, sizeof(mcp.registers));
	set_word(IODIR, 0xffff);
	mcp.pointer = 0;
	mcp.levels = voltages();
	settle();
}

/* Where an address leads by IOCON.BANK; REGISTERS: nowhere. */
static u8 place_of(u8 address)
{
	u8 place;

	if (mcp.registers[IOCON] & BANK)
		place = (address & 0x0f) * 2 + !!(address & 0x10);
	else
		place = address;
	return place < REGISTERS ? place : REGISTERS;
}

/* In byte mode with both ports side by side the pointer goes to and fro between them; else it stays, or goes on. */
static void advance(void)
{
	u8 iocon = mcp.registers[IOCON];

	if (iocon & SEQOP)
		mcp.pointer ^= iocon & BANK ? 0 : 1;
	else if (iocon & BANK)
		mcp.pointer = (mcp.pointer & 0x0f) < 0x0a ? mcp.pointer + 1 : mcp.pointer ^ 0x1a;
	else
		mcp.pointer = (mcp.pointer + 1) % REGISTERS;
}

static void write_register(u8 place, u8 octet)
{
	switch (place & ~1) {
	case IOCON:
		/* One register at two addresses. */
		set_word(IOCON, octet << 8 | octet);
		break;
	case GPIO:
		mcp.registers[OLAT + (place & 1)] = octet;
		break;
	case INTF:
	case INTCAP:
		return;
	default:
		mcp.registers[place] = octet;
	}
	settle();
}

static void write(struct lab_device *device, const u8 *octets, unsigned int length)
{
	if (length == 0)
		return;
	mcp.pointer = *octets++;
	while (--length > 0) {
		u8 place = place_of(mcp.pointer);

		if (place < REGISTERS)
			write_register(place, *octets);
		octets++;
		advance();
	}
}

/* Reading a port or what was captured of it ends its interrupt. */
static u8 read_register(u8 place)
{
	u8 octet = mcp.registers[place];
	bool clears = (place & ~1) == GPIO || (place & ~1) == INTCAP;

	if (clears) {
		mcp.registers[INTF + (place & 1)] = 0;
		settle();
	}
	return octet;
}

static void read(struct lab_device *device, u8 *octets, unsigned int length)
{
	for (; length > 0; length--) {
		u8 place = place_of(mcp.pointer);

		*octets++ = place < REGISTERS ? read_register(place) : 0;
		advance();
	}
}

static void state_show(struct seq_file *file)
{
	seq_printf(file, "levels %04x\ndirection %04x\npull_up %04x\nlatch %04x\nshorts %u\ninterrupt_a %d\ninterrupt_b %d\n",
		   mcp.levels, word(IODIR), word(GPPU), word(OLAT), mcp.shorts, !!(mcp.interrupt & 1),
		   !!(mcp.interrupt & 2));
}

LAB_FILE(state);

/* a0 to a7, b0 to b7, gnd */
static int pin_of(const char *name)
{
	if (!strcmp(name, "gnd"))
		return GROUND;
	if ((name[0] != 'a' && name[0] != 'b') || name[1] < '0' || name[1] > '7' || name[2])
		return -EINVAL;
	return (name[0] - 'a') * 8 + name[1] - '0';
}

/* "press a0 b3" closes the contact between two pins, "release a0 b3" opens it. */
static ssize_t contacts_write(struct file *file, const char __user *from, size_t length, loff_t *position)
{
	char text[32] = "", verb[12], first[4], second[4];
	int a, b;
	bool closed;

	if (length >= sizeof(text) || copy_from_user(text, from, length))
		return -EINVAL;
	if (sscanf(text, "%11s %3s %3s", verb, first, second) != 3)
		return -EINVAL;
	a = pin_of(first);
	b = pin_of(second);
	closed = !strcmp(verb, "press");
	if (a < 0 || b < 0 || (!closed && strcmp(verb, "release")))
		return -EINVAL;
	mutex_lock(&lab_lock);
	mcp.contact[a][b] = mcp.contact[b][a] = closed;
	settle();
	mutex_unlock(&lab_lock);
	return length;
}

static const struct file_operations contacts_file = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = contacts_write,
};

static void files(struct lab_device *device, struct dentry *directory)
{
	debugfs_create_file("state", 0444, directory, NULL, &state_file);
	debugfs_create_file("contacts", 0200, directory, NULL, &contacts_file);
}

struct lab_device lab_mcp23017 = {
	.name = "mcp23017",
	.address = 0x20,
	.power_up = power_up,
	.write = write,
	.read = read,
	.files = files,
};
