// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A display SSD1306 of 128 by 64 pixels, or SH1106, which has four columns more and pages only. */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/string.h>
#include "lab.h"

#define WIDTH 128
#define HEIGHT 64
#define PAGES (HEIGHT / 8)
#define MOST_COLUMNS 132

static bool sh1106;
module_param(sh1106, bool, 0444);

enum { HORIZONTAL, VERTICAL, PAGE };

static struct {
	u8 ram[PAGES][MOST_COLUMNS];
	u8 mode;
	u8 column, column_first, column_last;
	u8 page, page_first, page_last;
	u8 start_line, offset, contrast;
	bool segments_remapped, scan_remapped;
	bool on, pump, inverse, all_on;
	u8 command[8];
	unsigned int held;	/* Octets of a command that is not whole yet. */
	unsigned int unknown;	/* Commands that the controller does not have. */
} oled;

static void power_up(struct lab_device *device)
{
	memset(&oled, 0, sizeof(oled));
	/* What stands in the memory after power-up is anything. */
	memset(oled.ram, 0xa5, sizeof(oled.ram));
	oled.mode = PAGE;
	oled.column_last = WIDTH - 1;
	oled.page_last = PAGES - 1;
	oled.contrast = 0x7f;
	oled.pump = sh1106;
}

/* Octets that follow the first of a command. */
static unsigned int arguments(u8 command)
{
	switch (command) {
	case 0x20: case 0x81: case 0xa8: case 0xd3: case 0xd5: case 0xd9: case 0xda: case 0xdb: case 0x8d:
	case 0xad:
		return 1;
	case 0x21: case 0x22: case 0xa3:
		return 2;
	case 0x29: case 0x2a:
		return 5;
	case 0x26: case 0x27:
		return 6;
	default:
		return 0;
	}
}

static void obey_long(const u8 *command)
{
	switch (command[0]) {
	case 0x20:
		oled.mode = sh1106 ? PAGE : command[1] & 3;
		break;
	case 0x21:
		oled.column = oled.column_first = command[1] & 0x7f;
		oled.column_last = command[2] & 0x7f;
		break;
	case 0x22:
		oled.page = oled.page_first = command[1] & 7;
		oled.page_last = command[2] & 7;
		break;
	case 0x81:
		oled.contrast = command[1];
		break;
	case 0x8d:
		oled.pump = command[1] & 0x04;
		break;
	case 0xad:
		oled.pump = command[1] & 0x01;
		break;
	case 0xd3:
		oled.offset = command[1] & 0x3f;
		break;
	}
}

static void obey(const u8 *command)
{
	u8 first = command[0];

	if (first < 0x10)
		oled.column = (oled.column & 0xf0) | first;
	else if (first < 0x20)
		oled.column = (oled.column & 0x0f) | (first & 0x0f) << 4;
	else if (first >= 0x40 && first < 0x80)
		oled.start_line = first & 0x3f;
	else if (first >= 0xb0 && first < 0xb8)
		oled.page = first & 7;
	else if (arguments(first))
		obey_long(command);
	else if (first == 0xa0 || first == 0xa1)
		oled.segments_remapped = first & 1;
	else if (first == 0xa4 || first == 0xa5)
		oled.all_on = first & 1;
	else if (first == 0xa6 || first == 0xa7)
		oled.inverse = first & 1;
	else if (first == 0xae || first == 0xaf)
		oled.on = first & 1;
	else if ((first & 0xf0) == 0xc0)
		oled.scan_remapped = first & 8;
	else if (first != 0xe3 && first != 0x2e && first != 0x2f && (first & 0xfc) != 0x30)
		oled.unknown++;
}

static void command_octet(u8 octet)
{
	oled.command[oled.held++] = octet;
	if (oled.held <= arguments(oled.command[0]))
		return;
	oled.held = 0;
	obey(oled.command);
}

static void data_octet(u8 octet)
{
	if (oled.column < (sh1106 ? MOST_COLUMNS : WIDTH))
		oled.ram[oled.page][oled.column] = octet;
	if (oled.mode == PAGE) {
		if (oled.column < MOST_COLUMNS - 1)
			oled.column++;
		if (!sh1106)
			oled.column %= WIDTH;
	} else if (oled.mode == HORIZONTAL) {
		if (oled.column != oled.column_last) {
			oled.column++;
			return;
		}
		oled.column = oled.column_first;
		oled.page = oled.page == oled.page_last ? oled.page_first : (oled.page + 1) & 7;
	} else {
		if (oled.page != oled.page_last) {
			oled.page = (oled.page + 1) & 7;
			return;
		}
		oled.page = oled.page_first;
		oled.column = oled.column == oled.column_last ? oled.column_first : oled.column + 1;
	}
}

/* A control octet tells of what follows: bit 6 data or command, bit 7 one octet only, then another control octet. */
static void write(struct lab_device *device, const u8 *octets, unsigned int length)
{
	while (length > 1) {
		u8 control = *octets++;
		unsigned int run = control & 0x80 ? 1 : --length;

		if (control & 0x80)
			length -= 2;
		else
			length -= run;
		for (; run > 0; run--, octets++) {
			if (control & 0x40)
				data_octet(*octets);
			else
				command_octet(*octets);
		}
	}
}

static void read(struct lab_device *device, u8 *octets, unsigned int length)
{
	memset(octets, (oled.on ? 0 : 0x40) | (sh1106 ? 0x08 : 0x06), length);
}

/* Upright on the usual module with segments and scan remapped. SH1106 shows its columns 2 to 129. */
static bool lit(unsigned int x, unsigned int y)
{
	unsigned int column = oled.segments_remapped ? x : WIDTH - 1 - x;
	unsigned int line = oled.scan_remapped ? y : HEIGHT - 1 - y;
	bool bit;

	if (!oled.on || !oled.pump)
		return false;
	if (oled.all_on)
		return true;
	line = (line + oled.offset + oled.start_line) % HEIGHT;
	bit = oled.ram[line / 8][column + (sh1106 ? 2 : 0)] >> (line % 8) & 1;
	return bit != oled.inverse;
}

static void pixels_show(struct seq_file *file)
{
	unsigned int x, y;

	for (y = 0; y < HEIGHT; y++) {
		for (x = 0; x < WIDTH; x++)
			seq_putc(file, lit(x, y) ? '#' : '.');
		seq_putc(file, '\n');
	}
}

static void state_show(struct seq_file *file)
{
	seq_printf(file, "display %d\npump %d\ncontrast %u\ninverse %d\nunknown %u\n", oled.on, oled.pump,
		   oled.contrast, oled.inverse, oled.unknown);
}

LAB_FILE(pixels);
LAB_FILE(state);

static void files(struct lab_device *device, struct dentry *directory)
{
	debugfs_create_file("pixels", 0444, directory, NULL, &pixels_file);
	debugfs_create_file("state", 0444, directory, NULL, &state_file);
}

struct lab_device lab_ssd1306 = {
	.name = "ssd1306",
	.address = 0x3c,
	.power_up = power_up,
	.write = write,
	.read = read,
	.files = files,
};
