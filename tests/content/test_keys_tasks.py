"""Keys of the quiz on the tasks of deep learning, each found again by torch.

Nothing here looks at the formulas of quiz.yaml: only at a variant's drawn numbers.
"""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from tests.content.bank import (
    Drawn,
    assert_right,
    in_every_variant_of,
    right_options,
    shape_of,
    variants,
)


@pytest.mark.parametrize("sizes", [(2, 5, 6, 7), (1, 3, 4, 9)])
def test_shapes_of_segmentation_suit_the_loss(sizes: tuple[int, int, int, int]):
    known = dict(zip("BCHW", sizes, strict=True))
    [drawn] = variants("segmentation-shapes", 1)
    logits = torch.zeros(shape_of(drawn, "logits", known))
    target = torch.zeros(shape_of(drawn, "target", known), dtype=torch.long)
    channels = nn.Conv2d(3, sizes[1], 1)
    pictures = torch.zeros(sizes[0], 3, *sizes[2:])
    assert channels(pictures).shape == logits.shape
    assert logits.argmax(dim=1).shape == target.shape
    F.cross_entropy(logits, target)


@in_every_variant_of("video-size")
def test_the_size_of_a_raw_video(drawn: Drawn):
    seconds, rate = int(drawn["t"]), int(drawn["fps"])
    size = (seconds * rate, 3, int(drawn["H"]), int(drawn["W"]))
    video = torch.empty(size, dtype=torch.uint8, device="meta")
    mebibytes = video.numel() * video.element_size() / 2**20
    assert_right(drawn, f"{mebibytes:.6g}")
    assert drawn["W"] * 9 == drawn["H"] * 16


@pytest.mark.parametrize("sizes", [(2, 3, 5, 6, 7), (1, 4, 8, 9, 5)])
def test_a_convolution_over_time_takes_the_shape(sizes: tuple[int, ...]):
    known = dict(zip("BCTHW", sizes, strict=True))
    [drawn] = variants("video-batch-shape", 1)
    batch = torch.zeros(shape_of(drawn, "", known))
    # The kernel is as long as the clip and as high as a frame.
    conv = nn.Conv3d(sizes[1], 2, (sizes[2], sizes[3], 1))
    assert conv(batch).shape == (sizes[0], 2, 1, 1, sizes[4])


@in_every_variant_of("bio-tags")
def test_the_number_of_tags(drawn: Drawn):
    kinds = range(int(drawn["K"]))
    tags = {"O"} | {f"{part}-{kind}" for part in "BI" for kind in kinds}
    assert_right(drawn, str(len(tags)))


@in_every_variant_of("spectrogram-frames")
def test_the_frames_of_a_spectrogram(drawn: Drawn):
    rate, n = int(drawn["sr"]), int(drawn["n"])
    sound = torch.zeros(rate * int(drawn["t"]), device="meta")
    frames = sound.unfold(0, n, int(drawn["h"])).shape[0]
    top = torch.fft.rfftfreq(n, 1 / rate, dtype=torch.float64).max().item()
    assert_right(drawn, {"frames": str(frames), "top": f"{top:.6f}"})


def test_padding_of_half_a_window_gives_the_other_number_of_frames():
    """As the hint on ``1 + T // h`` says; and unpadded frames are torch's too."""
    sound, window = torch.zeros(4000), torch.ones(512)
    for center, frames in ((True, 1 + 4000 // 128), (False, 1 + (4000 - 512) // 128)):
        found = torch.stft(
            sound, 512, 128, window=window, center=center, return_complex=True
        )
        assert found.shape == (257, frames)


def test_three_tasks_need_several_frames():
    [drawn] = variants("needs-several-frames", 1)
    right = " ".join(right_options(drawn))
    assert len(right_options(drawn)) == 3
    assert all(word in right for word in ("садится", "поток", "пешеходов"))


def test_four_tasks_have_their_kind_of_data():
    [drawn] = variants("data-kinds", 1)
    right = " ".join(right_options(drawn))
    assert len(right_options(drawn)) == 4
    assert all(word in right for word in ("заёмщик", "замерам", "робота", "граф"))


def test_instances_are_counted_and_neighbours_have_no_order():
    [cars] = variants("count-cars", 1)
    [graph] = variants("image-as-graph", 1)
    assert "instance segmentation" in right_options(cars)[0]
    assert "соседи не упорядочены" in right_options(graph)[0]
