// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A character display HD44780 behind an 8-bit expander PCF8574, wired as all such backpacks are:
 * P0 RS, P1 R/W, P2 E, P3 back light, P4 to P7 the upper half of the display's data bus.
 */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/string.h>
#include "lab.h"

#define RS BIT(0)
#define RW BIT(1)
#define E BIT(2)
#define LIGHT BIT(3)

#define DDRAM 0x80
#define CGRAM 64

static unsigned int columns = 20, rows = 4;
module_param(columns, uint, 0444);
module_param(rows, uint, 0444);

static struct {
	u8 port;
	bool eight_bits;	/* Width of the bus; as it is after power-up. */
	bool half;		/* The upper half of an octet has come. */
	u8 upper;
	u8 ddram[DDRAM], cgram[CGRAM];
	u8 address;
	bool in_cgram;
	bool increment, shifting;
	int shift;
	u8 control;		/* D, C, B of "display on/off control" */
	u8 function;
	ktime_t busy_until;
	unsigned int too_early;	/* Octets that came while it was busy, and were lost. */
} lcd;

static void power_up(struct lab_device *device)
{
	memset(&lcd, 0, sizeof(lcd));
	memset(lcd.ddram, ' ', sizeof(lcd.ddram));
	lcd.port = 0xff;
	lcd.eight_bits = true;
	lcd.increment = true;
}

/* Of the two lines 0x00 to 0x27 and 0x40 to 0x67 the one follows on the other; as one line it is 0x00 to 0x4f. */
static u8 neighbour(u8 address, bool up)
{
	if (!(lcd.function & 0x08))
		return up ? (address >= 0x4f ? 0 : address + 1) : (address == 0 ? 0x4f : address - 1);
	if (up)
		return address == 0x27 ? 0x40 : address >= 0x67 ? 0 : address + 1;
	return address == 0x40 ? 0x27 : address == 0 ? 0x67 : address - 1;
}

static void step(void)
{
	if (lcd.in_cgram)
		lcd.address = (lcd.address + (lcd.increment ? 1 : -1)) & 0x3f;
	else
		lcd.address = neighbour(lcd.address, lcd.increment);
}

static void busy_for(unsigned int us)
{
	lcd.busy_until = ktime_add_us(ktime_get(), us);
}

/* The highest bit that is set tells the instruction. */
static void instruction(u8 octet)
{
	if (octet & 0x80) {
		lcd.address = octet & 0x7f;
		lcd.in_cgram = false;
	} else if (octet & 0x40) {
		lcd.address = octet & 0x3f;
		lcd.in_cgram = true;
	} else if (octet & 0x20) {
		lcd.function = octet;
		lcd.eight_bits = octet & 0x10;
		lcd.half = false;
	} else if (octet & 0x10) {
		bool right = octet & 0x04;

		if (octet & 0x08)
			lcd.shift += right ? -1 : 1;
		else
			lcd.address = neighbour(lcd.address, right);
	} else if (octet & 0x08) {
		lcd.control = octet & 0x07;
	} else if (octet & 0x04) {
		lcd.increment = octet & 0x02;
		lcd.shifting = octet & 0x01;
	} else if (octet & 0x03) {
		if (octet & 0x01) {
			memset(lcd.ddram, ' ', sizeof(lcd.ddram));
			lcd.increment = true;
		}
		lcd.address = 0;
		lcd.in_cgram = false;
		lcd.shift = 0;
		/* The others take 37 us, less than an octet on a bus of 100 kHz. */
		busy_for(1520);
	}
}

static void data(u8 octet)
{
	if (lcd.in_cgram)
		lcd.cgram[lcd.address] = octet;
	else
		lcd.ddram[lcd.address] = octet;
	step();
	if (lcd.shifting && !lcd.in_cgram)
		lcd.shift += lcd.increment ? 1 : -1;
}

/* The bus is taken over with the falling edge of E. */
static void latch(u8 port)
{
	u8 octet = port & 0xf0;

	if (!lcd.eight_bits) {
		lcd.half = !lcd.half;
		if (lcd.half) {
			lcd.upper = octet;
			return;
		}
		octet = lcd.upper | octet >> 4;
	}
	if (ktime_before(ktime_get(), lcd.busy_until)) {
		lcd.too_early++;
		return;
	}
	if (port & RS)
		data(octet);
	else
		instruction(octet);
}

static void write(struct lab_device *device, const u8 *octets, unsigned int length)
{
	for (; length > 0; length--, octets++) {
		bool falling = (lcd.port & E) && !(*octets & E);

		if (falling && !(lcd.port & RW))
			latch(lcd.port);
		else if (falling && !lcd.eight_bits)
			lcd.half = !lcd.half;
		lcd.port = *octets;
	}
}

/* Pins that were written high are pulled low by whoever drives them: the display, when it is read. */
static u8 pins(void)
{
	u8 answer;

	if (!(lcd.port & RW) || !(lcd.port & E))
		return lcd.port;
	if (lcd.port & RS)
		answer = lcd.in_cgram ? lcd.cgram[lcd.address] : lcd.ddram[lcd.address];
	else
		answer = lcd.address | (ktime_before(ktime_get(), lcd.busy_until) ? 0x80 : 0);
	if (lcd.half)
		answer <<= 4;
	return lcd.port & (answer | 0x0f);
}

static void read(struct lab_device *device, u8 *octets, unsigned int length)
{
	memset(octets, pins(), length);
}

/* Character codes that are ASCII in the display's ROM stand as such, the others as \xNN. */
static void screen_show(struct seq_file *file)
{
	static const u8 row_start[] = { 0x00, 0x40, 0x00, 0x40 };
	unsigned int row, column;

	for (row = 0; row < rows && row < 4; row++) {
		u8 start = row_start[row], offset = row < 2 ? 0 : columns;

		for (column = 0; column < columns; column++) {
			int at = (offset + column + lcd.shift) % 40;
			u8 code = lcd.ddram[start + (at < 0 ? at + 40 : at)];

			if (!(lcd.control & 0x04))
				seq_putc(file, ' ');
			else if (code >= 0x20 && code < 0x7e && code != '\\')
				seq_putc(file, code);
			else
				seq_printf(file, "\\x%02x", code);
		}
		seq_putc(file, '\n');
	}
}

static void state_show(struct seq_file *file)
{
	seq_printf(file, "display %d\ncursor %d\nblink %d\nlight %d\nbus %d\ntoo_early %u\n",
		   !!(lcd.control & 4), !!(lcd.control & 2), !!(lcd.control & 1), !!(lcd.port & LIGHT),
		   lcd.eight_bits ? 8 : 4, lcd.too_early);
}

/* Eight glyphs of eight rows, five bits each, in hexadecimal. */
static void glyphs_show(struct seq_file *file)
{
	int at;

	for (at = 0; at < CGRAM; at++)
		seq_printf(file, "%02x%c", lcd.cgram[at], at % 8 == 7 ? '\n' : ' ');
}

LAB_FILE(screen);
LAB_FILE(state);
LAB_FILE(glyphs);

static void files(struct lab_device *device, struct dentry *directory)
{
	debugfs_create_file("screen", 0444, directory, NULL, &screen_file);
	debugfs_create_file("state", 0444, directory, NULL, &state_file);
	debugfs_create_file("glyphs", 0444, directory, NULL, &glyphs_file);
}

struct lab_device lab_hd44780 = {
	.name = "hd44780",
	.address = 0x27,
	.power_up = power_up,
	.write = write,
	.read = read,
	.files = files,
};
