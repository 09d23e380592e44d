// SPDX-License-Identifier: GPL-2.0 OR MIT
/* A PWM chip of two channels that swing nowhere: /sys/kernel/debug/pwm tells what they were set to. */
#include <linux/err.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/pwm.h>
#include "lab.h"

/* Its device's name, by which board profiles know a chip. */
static char *pwm = "lab-pwm";
module_param(pwm, charp, 0444);

static struct platform_device *device;

static int apply(struct pwm_chip *chip, struct pwm_device *channel, const struct pwm_state *state)
{
	return state->polarity == PWM_POLARITY_NORMAL ? 0 : -EINVAL;
}

static const struct pwm_ops operations = { .apply = apply };

int lab_pwm_init(void)
{
	struct pwm_chip *chip;
	int result;

	device = platform_device_register_simple(pwm, PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(device))
		return PTR_ERR(device);
	chip = devm_pwmchip_alloc(&device->dev, 2, 0);
	if (IS_ERR(chip)) {
		platform_device_unregister(device);
		return PTR_ERR(chip);
	}
	chip->ops = &operations;
	result = devm_pwmchip_add(&device->dev, chip);
	if (result)
		platform_device_unregister(device);
	return result;
}

void lab_pwm_exit(void)
{
	platform_device_unregister(device);
}
