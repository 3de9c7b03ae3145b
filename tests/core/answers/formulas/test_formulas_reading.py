"""What students write of batch normalization's gradients, in every notation, and what is said of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.core.answers.formulas import Formulas, read
from grader.pack import load_pack

SEED = Path(__file__).resolve().parents[5] / "shared" / "seeds"


@pytest.fixture(scope="module")
def formulas() -> Formulas:
    declared = load_pack("dl_hw1").rubric.question("bn-gradients").formulas
    assert declared is not None
    return declared


RIGHT = [
    ("by-gamma", r"$\frac{\partial L}{\partial \gamma} = \sum_{j=1}^{N} \frac{\partial L}{\partial y_j}\hat{x}_j$"),
    ("by-gamma", "dL/dγ = Σ_i dL/dy_i x̂_i"),
    ("by-gamma", "∂f/∂γ = ∑ᵢ ∂f/∂yᵢ · x̂ᵢ"),
    ("by-gamma", "df/dgamma = sum(df/dy * xhat)"),
    ("by-gamma", "df/dgamma = sum over i of df/dy_i times xhat_i"),
    ("by-gamma", "dgamma = (dout * x_hat).sum(0)"),
    ("by-gamma", "dgamma = np.sum(dout * (x - mu) / np.sqrt(var + eps), axis=0)"),
    ("by-gamma", "dgamma = sum(dout[i] * xhat[i] for i in range(m))"),
    ("by-gamma", "dgamma = np.dot(dout, xhat)"),
    ("by-gamma", "dgamma = dout.T @ xhat"),
    (
        "by-gamma",
        r"$\frac{\partial f}{\partial\gamma}=\frac{1}{\sqrt{\sigma^2+\epsilon}}\sum_i\frac{\partial f}{\partial y_i}(x_i-\mu)$",
    ),
    (
        "by-gamma",
        r"$$\begin{aligned}\frac{\partial f}{\partial \gamma} &= \sum_{i} \frac{\partial f}{\partial y_{i}} \frac{"
        r"\partial y_{i}}{\partial \gamma} \\ &= \sum_{i} \frac{\partial f}{\partial y_{i}} \hat x_{i} "
        r"\end{aligned}$$",
    ),
    ("by-gamma", r"$\frac{\partial f}{\partial\gamma}=\left(\frac{\partial f}{\partial y}\right)^T \hat{x}$"),
    ("by-gamma", r"$\frac{d f}{d \gamma}=\sum_{i=1}^m \frac{d f}{d y_i} \widehat{x_i}$, because y is linear in gamma."),
    (
        "by-gamma",
        r"לכן הנגזרת היא $\frac{\partial f}{\partial \gamma} = \sum_i \frac{\partial f}{\partial y_i} \hat{x}_i$ כי y לינארי ב־γ",
    ),
    ("by-beta", "dbeta = np.sum(dout, axis=0)"),
    ("by-beta", r"d\beta: \sum_i \frac{\partial f}{\partial y_i}"),
    ("by-normalized", r"$\partial f/\partial \hat{x}_i = \gamma\, \partial f/\partial y_i$"),
    ("by-normalized", "dxhat = gamma * dout"),
    ("by-normalized", "dx_hat = dout * gamma"),
    ("by-normalized", r"\frac{\partial f}{\partial \hat{x}_k} = \gamma \frac{\partial f}{\partial y_k}"),
    ("by-variance", "dvar = np.sum(dxhat * (x - mu) * -0.5 * (var + eps)**(-1.5), axis=0)"),
    (
        "by-variance",
        r"$\frac{\partial f}{\partial \sigma_B^2} = \sum_{i=1}^m \frac{\partial f}{\partial \hat{x}_i}\cdot(x_i-"
        r"\mu_B)\cdot\frac{-1}{2}(\sigma_B^2+\epsilon)^{-3/2}$",
    ),
    (
        "by-variance",
        r"$\frac{\partial f}{\partial \sigma^2} = -\frac{\gamma}{2}(\sigma^2+\varepsilon)^{-\frac32}\sum_j \frac{"
        r"\partial f}{\partial y_j}(x_j-\mu)$",
    ),
    (
        "by-variance",
        r"$\frac{\partial f}{\partial \sigma^2} = -\frac{1}{2(\sigma^2+\epsilon)}\sum_j \frac{\partial f}{\partial "
        r"\hat x_j}\hat x_j$",
    ),
    (
        "by-variance",
        r"$\frac{\partial f}{\partial \sigma^2} = -\frac{1}{2\sqrt{\sigma^2+\epsilon}^3}\sum_j \frac{\partial f}{"
        r"\partial \hat x_j}(x_j-\mu)$",
    ),
    ("by-variance", "df/dvar = -1/2 * gamma * (var+eps)^(-3/2) * sum_i df/dy_i (x_i - mu)"),
    ("by-variance", "df/dvar = -1/2 gamma (var+eps)^-3/2 sum_i df/dy_i (x_i - mu)"),
    ("by-mean", "dmu = np.sum(dxhat * -1/np.sqrt(var+eps), axis=0) + dvar * np.mean(-2*(x-mu), axis=0)"),
    (
        "by-mean",
        r"$\frac{\partial f}{\partial \mu} = -\frac{\gamma}{\sqrt{\sigma^2+\epsilon}}\sum_i\frac{\partial f}{\partial y_i}$",
    ),
    (
        "by-mean",
        r"$\frac{\partial f}{\partial \mu} = \sum_i\frac{\partial f}{\partial \hat x_i}\frac{-1}{\sqrt{\sigma^2+"
        r"\epsilon}} + \frac{\partial f}{\partial \sigma^2}\frac{\sum_i -2(x_i-\mu)}{m}$",
    ),
    ("by-mean", "std = np.sqrt(var + eps)\ndmu = -np.sum(dxhat / std)"),
    (
        "by-input",
        r"$\frac{\partial f}{\partial x_i}=\frac{\partial f}{\partial \hat x_i}\frac{1}{\sqrt{\sigma^2+\epsilon}}+"
        r"\frac{\partial f}{\partial\sigma^2}\frac{2(x_i-\mu)}{m}+\frac{\partial f}{\partial \mu}\frac1m$",
    ),
    ("by-input", "N, D = dout.shape\ndx = dxhat / np.sqrt(var+eps) + dvar * 2 * (x - mu) / N + dmu / N"),
    (
        "by-input",
        r"$\frac{\partial f}{\partial x_i}=\frac{\gamma}{m\sqrt{\sigma^2+\epsilon}}\left[m\frac{\partial f}{"
        r"\partial y_i}-\sum_{j}\frac{\partial f}{\partial y_j}-\hat x_i\sum_j\frac{\partial f}{\partial y_j}\hat "
        r"x_j\right]$",
    ),
    (
        "by-input",
        "dx = 1/m * gamma * (var + eps)**(-1/2) * (m*dout - np.sum(dout, axis=0) - (x-mu) * (var+eps)**(-1) * "
        "np.sum(dout*(x-mu), axis=0))",
    ),
    (
        "by-input",
        r"$\frac{\partial f}{\partial x_i}=\frac{\gamma}{m\sqrt{\sigma^2+\epsilon}}\left[m\frac{\partial f}{"
        r"\partial y_i}-\sum_{i}\frac{\partial f}{\partial y_i}-\hat x_i\sum_i\frac{\partial f}{\partial y_i}\hat "
        r"x_i\right]$",
    ),
    (
        "by-input",
        "let s = \\sqrt{\\sigma^2+\\epsilon}\n∂f/∂x_i = γ/(m s) (m ∂f/∂y_i − Σ_j ∂f/∂y_j − x̂_i Σ_j ∂f/∂y_j x̂_j)",
    ),
    (
        "by-gamma",
        r"The gradient of gamma is: $$\frac{\partial f}{\partial \gamma}=\sum_i \frac{\partial f}{\partial y_i}\hat{x}_i.$$",
    ),
    ("by-gamma", "df/dgamma = sum_i df/dy_i * xhat_i; df/dbeta = sum_i df/dy_i"),
    ("by-gamma", "1. df/dgamma = sum_i df/dy_i * xhat_i"),
    ("by-gamma", "- dgamma = sum_i df/dy_i * xhat_i  (chain rule)"),
    ("by-gamma", "dL_dgamma = np.sum(dL_dy * xhat)"),
    ("by-gamma", r"\nabla_\gamma L = \sum_i dy_i xhat_i"),
    (
        "by-gamma",
        r"$\frac{\partial L}{\partial \gamma} = \sum_{i=1}^m \delta_i \hat{x}_i$ where $\delta_i = \frac{\partial "
        r"L}{\partial y_i}$",
    ),
    ("by-gamma", "```python\ndgamma = np.sum(\n    dout * xhat,\n    axis=0,\n)\n```"),
]
UNREAD = [
    ("by-gamma", "df/dgamma = sum_i df/dy_i * foo_i"),
    ("by-gamma", "df/dgamma = sum_i df/dy_i * xhat_i + weird(3)"),
    (
        "by-gamma",
        r"$\frac{\partial f}{\partial \gamma} = \sum_i \frac{\partial f}{\partial y_i} \frac{\partial y_i}{\partial \gamma}$",
    ),
    ("by-beta", "∂L/∂β = 1ᵀ dout"),
    ("by-input", r"$\frac{\partial f}{\partial x_i}=\frac{\partial f}{\partial x_i}$"),
    ("by-gamma", "2 * df/dgamma = sum_i(2 * df/dy_i * xhat_i)"),
    ("by-gamma", r"$\frac{\partial f}{\partial \gamma} = \mathbb{E}[x]$"),
    ("by-gamma", r"$\frac{\partial f}{\partial \gamma} = \sum_{i=1}^{m-1} \frac{\partial f}{\partial y_i}\hat{x}_i$"),
]


@pytest.mark.parametrize(("name", "answer"), RIGHT)
def test_right_in_every_notation(formulas, name, answer):
    found = read(formulas, answer)[name]
    assert found.value is True, found.reason
    assert all(quote in answer for quote in found.quotes)


@pytest.mark.parametrize(("name", "answer"), UNREAD)
def test_what_cannot_be_read_is_neither_right_nor_wrong(formulas, name, answer):
    found = read(formulas, answer)[name]
    assert found.value is None, found.reason
    assert found.reason


@pytest.mark.parametrize(
    ("name", "answer", "slip"),
    [
        ("by-gamma", "df/dgamma = df/dy_i * xhat_i", "the sum over i is missing"),
        ("by-gamma", "df/dgamma = sum_i df/dy_i * x_i", "x̂_i should stand where x_i stands"),
        (
            "by-gamma",
            r"$\frac{\partial f}{\partial\gamma} = \sum_{j=1}^m \frac{\partial f}{\partial y_j}\hat{x}_i$",
            "x̂_i should be x̂_j",
        ),
        ("by-gamma", "dgamma = dout * xhat", "a sum is missing"),
        ("by-normalized", "df/dxhat = df/dy", "γ is missing"),
        ("by-normalized", "df/dxhat_i = df/dy_i + gamma", "should be multiplied"),
        (
            "by-variance",
            "df/dvar = 1/2 gamma (var+eps)^(-3/2) sum_i df/dy_i (x_i - mu)",
            "the sign of the whole is wrong",
        ),
        (
            "by-variance",
            "dvar = np.sum(dxhat * (x - mu) * -0.5 * (var + eps)**(-0.5), axis=0)",
            "should be -3/2, not -1/2",
        ),
        ("by-mean", "df/dmu = -1/sqrt(var + eps) sum_i df/dy_i", "γ is missing"),
        ("by-input", "dx = dxhat / np.sqrt(var + eps) + dvar * (x - mu) / m + dmu / m", "2"),
    ],
)
def test_the_slip_is_named(formulas, name, answer, slip):
    found = read(formulas, answer)[name]
    assert found.value is False
    assert slip in found.reason


@pytest.mark.parametrize(
    "answer",
    [
        "df/dmu = -gamma/sqrt(var) sum_i df/dy_i",
        "∂f/∂μ = −γ/(σ + ε) Σ_i ∂f/∂y_i",
        "df/dmu = -gamma var^(-1/2) sum_i df/dy_i",
    ],
)
def test_an_epsilon_that_is_left_out_is_for_the_ta_or_wrong_as_the_course_declares(formulas, answer):
    found = read(formulas, answer)["by-mean"]
    assert found.value is None and "right but for ϵ" in found.reason
    strict = formulas.model_dump()
    strict["inputs"]["epsilon"]["negligible"] = False
    assert read(Formulas.model_validate(strict), answer)["by-mean"].value is False


@pytest.mark.parametrize(
    "answer",
    [
        "df/dx_i = gamma / sqrt(var + eps) df/dy_i",
        "df/dx_i = df/dy_i xhat_i",
        "dx = dout",
    ],
)
def test_what_no_single_edit_mends_is_wrong_without_a_name(formulas, answer):
    found = read(formulas, answer)["by-input"]
    assert found.value is False
    assert "does not equal the derivative" in found.reason


def test_a_later_gradient_may_rest_on_a_wrong_earlier_one(formulas):
    found = read(
        formulas,
        "dvar = 7 * gamma\ndx = dxhat / np.sqrt(var + eps) + dvar * 2 * (x - mu) / m + dmu / m",
    )
    assert found["by-variance"].value is False
    assert found["by-input"].value is True


def test_the_result_counts_and_a_wrong_step_is_said(formulas):
    found = read(formulas, "df/dgamma = sum_i df/dy_i x_i = sum_i df/dy_i xhat_i")["by-gamma"]
    assert found.value is True
    assert "step 1 is wrong" in found.reason


def test_a_result_that_goes_wrong_is_quoted_with_where(formulas):
    found = read(formulas, "df/dbeta = sum_i df/dy_i = m df/dy_i")["by-beta"]
    assert found.value is not True
    found = read(formulas, "df/dmu = -sum_i df/dxhat_i / sqrt(var + eps) = -sum_i df/dy_i / sqrt(var + eps)")["by-mean"]
    assert found.value is False
    assert "right up to “-sum_i df/dxhat_i / sqrt(var + eps)”, then wrong: γ is missing" in found.reason
    assert found.quotes == ("-sum_i df/dy_i / sqrt(var + eps)",)


def test_an_unread_result_after_a_right_step_is_unread(formulas):
    found = read(formulas, "df/dbeta = sum_i df/dy_i = 1^T (df/dy)")["by-beta"]
    assert found.value is None
    assert "right up to" in found.reason


def test_a_symbol_that_the_student_gives_another_meaning_is_no_reason_to_take_points(formulas):
    wrong = "df/dmu = -gamma / var * sum_i df/dy_i"
    assert read(formulas, wrong)["by-mean"].value is False
    assert read(formulas, "var = sqrt(sum_i (x_i - mu)^2 / m + eps)\n" + wrong)["by-mean"].value is None


def test_the_lost_hat_is_read_and_said(formulas):
    answer = r"$\frac{\partial f}{\partial x_i} = \frac{1}{m\sqrt{\sigma^2+\epsilon}} \left[m \frac{\partial f}{\partial x_i}"
    answer += r" - \sum_j \frac{\partial f}{\partial x_j} - \hat{x}_i \sum_j \frac{\partial f}{\partial x_j} \hat{x}_j\right]$"
    found = read(formulas, answer)["by-input"]
    assert found.value is True
    assert "∂f/∂x on its right side is read as ∂f/∂x̂" in found.reason


def test_both_ways_to_the_mean_are_right(formulas):
    """∂f/∂μ with the way over σ² (which adds nothing) and without."""
    short = r"$\frac{\partial f}{\partial\mu} = -\frac{1}{\sqrt{\sigma^2+\epsilon}}\sum_i\frac{\partial f}{\partial\hat{x}_i}$"
    long = short[:-1] + r" - \frac{2}{m} \frac{\partial f}{\partial\sigma^2}\sum_i(x_i-\mu)$"
    assert read(formulas, short)["by-mean"].value is True
    assert read(formulas, long)["by-mean"].value is True


@pytest.mark.seeds
@pytest.mark.skipif(not SEED.is_dir(), reason="the seed documents are not here")
def test_every_formula_of_the_seed_gets_its_verdict(formulas):
    (document,) = SEED.glob("002_*")
    text = document.read_text()
    found = read(formulas, text[text.index("$$3) a.") : text.index("LeNet5")])
    values = {name: one.value for name, one in found.items()}
    assert values == {
        "by-gamma": True, "by-beta": True, "by-normalized": True, "by-variance": False, "by-mean": False, "by-input": True,
    }  # fmt: skip
    assert "right up to" in found["by-variance"].reason
    assert "should be 3/2, not 2" in found["by-variance"].reason
    assert "right up to" in found["by-mean"].reason
    assert "γ is missing" in found["by-mean"].reason
    assert "∂f/∂x on its right side is read as ∂f/∂x̂" in found["by-input"].reason


@pytest.mark.parametrize(
    "answer",
    [
        "df/dgamma is not sum_i df/dy_i * xhat_i",
        "∑ᵢ ∂f/∂yᵢ · x̂ᵢ не є градієнтом",
        "$\\sum_i \\frac{\\partial f}{\\partial y_i} \\hat{x}_i$ is wrong",
    ],
)
def test_a_formula_that_is_denied_earns_nothing_on_its_own(formulas, answer):
    assert read(formulas, answer)["by-gamma"].value is None
    assert read(formulas, "∑ᵢ ∂f/∂yᵢ · x̂ᵢ")["by-gamma"].value is True


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("by-variance", "dvar = sum(dxhat_i * (x_i - mu)) * -1/2 * (var+eps)-3/2"),
        ("by-variance", "∂f/∂σ² = −½ Σ ∂f/∂x̂i (xi − μ) (σ² + ε) −3/2"),
        ("by-mean", "∂f/∂μ = −Σ ∂f/∂x̂i (σ 2 + ε)−1/2"),
        ("by-variance", "∂f\n∂σ2 =\nm\n∑\ni=1\n∂f\n∂x̂i\n· (xi − μ) · (−1\n2 )(σ2 + ϵ)− 3\n2"),
        ("by-gamma", "dgamma = np.sum(dout * x_norm, axis=0) dbeta = np.sum(dout, axis=0)"),
        ("by-gamma", "∂f/∂γ = Σ ∂f/∂yi xˆi ∂f/∂β = Σ ∂f/∂yi"),
    ],
)
def test_what_an_export_tore_is_never_wrong(formulas, name, text):
    assert read(formulas, text)[name].value is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("by-gamma", "∂f/∂γ = ∑_i=1^m ∂f/∂y_i x̂_i"),
        ("by-gamma", r"$\partial f/\partial\gamma = \sum_j\hat x_j\,\partial f/\partial y_j$"),
        ("by-gamma", "∂f/∂γ = Σ ∂f/∂yi · xˆi"), ("by-gamma", "∂f/∂γ = Σ ∂f/∂yi · x ̂i"), ("by-gamma", "∂f/∂γ = ∑_jx̂_j ∂f/∂y_j"),
        ("by-beta", "∂f/∂β=∑_(i=1)^m▒〖∂f/(∂y_i )〗"), ("by-normalized", "| ∂f/∂x̂_i | γ ∂f/∂y_i |"),
        ("by-variance", "df/dvar = -1/2 s^3 Σ_i df/dxhat_i (x_i - mu), s = sqrt(var + eps)"),
        ("by-normalized", r"$\frac{\partial f}{\partial{\widehat{x}}_{i}} = {\gamma}\frac{\partial f}{\partial{y}_{i}}$"),
    ],
)  # fmt: skip
def test_what_an_export_lost_is_put_back(formulas, name, text):
    assert read(formulas, text)[name].value is True


def test_an_index_put_back_costs_nothing_without_a_slip_that_explains_it(formulas):
    assert read(formulas, "∂f/∂β = Σ ∂f/∂yi · x̂i")["by-beta"].value is False
    assert read(formulas, "∂f/∂β = γ² Σ ∂f/∂yi · x̂i (σ² + ε)")["by-beta"].value is None
    assert read(formulas, "∂f/∂β = γ² Σ ∂f/∂y_i · x̂_i (σ² + ε)")["by-beta"].value is False
