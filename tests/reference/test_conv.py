import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from reference_impl import conv
from reference_impl.windows import output_size

ordinary = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
few = st.integers(1, 3)
lengths = st.integers(1, 8)


def test_cases_and_mistakes(check_operation):
    check_operation(conv.OPERATION)


@ordinary
@given(
    n=few,
    channels=few,
    filters=few,
    image=st.tuples(lengths, lengths),
    window=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    stride=st.integers(1, 4),
    pad=st.integers(0, 3),
    seed=st.integers(0, 999),
)
def test_agrees_with_autograd(check_gradients, n, channels, filters, image, window, stride, pad, seed):
    assume(all(image[k] + 2 * pad >= window[k] for k in (0, 1)))
    rng = np.random.default_rng(seed)
    inputs = {
        "x": rng.normal(size=(n, channels, *image)),
        "w": rng.normal(size=(filters, channels, *window)),
        "b": rng.normal(size=filters),
        "conv_param": {"stride": stride, "pad": pad},
    }
    check_gradients(
        conv.OPERATION,
        lambda x, w, b, conv_param: torch.nn.functional.conv2d(
            x, w, b, stride=conv_param["stride"], padding=conv_param["pad"]
        ),
        inputs,
        seed,
    )


def test_a_window_larger_than_the_padded_image_is_refused():
    with pytest.raises(ValueError, match=r"window of \(5, 5\) does not fit"):
        output_size((3, 3), (5, 5), stride=1, pad=0)
