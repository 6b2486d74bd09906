// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Video compression: a unit of work is one frame of 320 x 180 through H.264,
 * preset veryfast, without look-ahead, so that each frame is encoded when it
 * comes. The frames are made up: a gradient that moves, with a little noise.
 *
 * The encoder is kept from creating threads: the worker itself does all the
 * work, in either arm. What a decoder would see of the last frame is compared
 * with the frame afterwards.
 */
#include <stdint.h>
#include <stdlib.h>
#include <x264.h>

#include "common/crew.h"

#define WIDTH		320
#define HEIGHT		180
#define FPS		50
#define FRAMES		16	/* made beforehand, then shown again and again */
/* Levels of 255, on average over the luma: more is not the same picture. */
#define LOSS_MAX	3

struct video {
	x264_t		*encoder;
	x264_picture_t	picture[FRAMES];
	x264_picture_t	decoded;	/* the last one */
	uint64_t	frames;
	uint64_t	bytes;
};

static void draw(x264_picture_t *picture, unsigned int number)
{
	uint32_t random = number + 1;

	for (unsigned int y = 0; y < HEIGHT; y++)
		for (unsigned int x = 0; x < WIDTH; x++) {
			random = random * 1664525 + 1013904223;	/* Numerical Recipes */
			picture->img.plane[0][y * (unsigned int)picture->img.i_stride[0] + x] =
				(uint8_t)(16 + (x / 2 + y / 2 + 2 * number) % 200 +
					  (random >> 30));
		}
	for (int plane = 1; plane < 3; plane++)
		for (unsigned int y = 0; y < HEIGHT / 2; y++)
			for (unsigned int x = 0; x < WIDTH / 2; x++)
				picture->img.plane[plane][y * (unsigned int)
					picture->img.i_stride[plane] + x] =
					(uint8_t)(64 + (x / 2 + y + number) % 128);
}

static void open_encoder(struct worker *worker, struct video *video)
{
	x264_param_t param;

	if (x264_param_default_preset(&param, "veryfast", "zerolatency"))
		worker_fail(worker, "x264 has no preset veryfast");
	param.i_width = WIDTH;
	param.i_height = HEIGHT;
	param.i_fps_num = FPS;
	param.i_fps_den = 1;
	param.i_csp = X264_CSP_I420;
	param.i_threads = 1;
	param.i_lookahead_threads = 1;
	param.b_sliced_threads = 0;
	param.i_sync_lookahead = 0;
	/* What is decoded, to the last bit: for check(). */
	param.b_full_recon = 1;
	param.i_log_level = X264_LOG_NONE;
	video->encoder = x264_encoder_open(&param);
	if (!video->encoder)
		worker_fail(worker, "x264 does not open an encoder");
}

static void encode(struct worker *worker, struct video *video)
{
	x264_picture_t *picture = &video->picture[video->frames % FRAMES];
	x264_nal_t *nal;
	int nals, size;

	picture->i_pts = (int64_t)video->frames++;
	size = x264_encoder_encode(video->encoder, &nal, &nals, picture, &video->decoded);
	if (size <= 0)
		worker_fail(worker, "x264 made %s of a frame", size ? "an error" : "nothing");
	video->bytes += (uint64_t)size;
}

/* The first frame, for which the encoder allocates, is not measured. */
static void prepare(struct worker *worker)
{
	struct video *video = calloc(1, sizeof(*video));

	if (!video)
		worker_fail(worker, "no memory for the video");
	for (unsigned int i = 0; i < FRAMES; i++) {
		if (x264_picture_alloc(&video->picture[i], X264_CSP_I420, WIDTH, HEIGHT))
			worker_fail(worker, "no memory for a frame");
		draw(&video->picture[i], i);
	}
	open_encoder(worker, video);
	encode(worker, video);
	worker->state = video;
}

static void work(struct worker *worker)
{
	for (uint64_t n = 0; n < worker->crew->iterations; n++)
		encode(worker, worker->state);
}

static unsigned int loss(const x264_image_t *a, const x264_image_t *b)
{
	unsigned int sum = 0;

	for (int y = 0; y < HEIGHT; y++)
		for (int x = 0; x < WIDTH; x++)
			sum += (unsigned int)abs(a->plane[0][y * a->i_stride[0] + x] -
						 b->plane[0][y * b->i_stride[0] + x]);
	return sum / (WIDTH * HEIGHT);
}

static void check(struct worker *worker)
{
	struct video *video = worker->state;
	const x264_picture_t *last = &video->picture[(video->frames - 1) % FRAMES];

	if (video->decoded.i_pts != last->i_pts ||
	    loss(&last->img, &video->decoded.img) > LOSS_MAX)
		worker_fail(worker, "what x264 encoded does not decode to the same picture");
	worker->result = video->bytes;
	x264_encoder_close(video->encoder);
	for (unsigned int i = 0; i < FRAMES; i++)
		x264_picture_clean(&video->picture[i]);
	free(video);
}

int main(int argc, char **argv)
{
	static const struct workload x264 = {
		.prepare = prepare,
		.work = work,
		.check = check,
		.report = crew_report_work,
	};

	return crew_main(argc, argv, &x264);
}
