import torch
from torch import Tensor, nn


def lstm_cell(
    x: Tensor,
    state: tuple[Tensor, Tensor],
    w_ih: Tensor,
    w_hh: Tensor,
    b_ih: Tensor,
    b_hh: Tensor,
) -> tuple[Tensor, Tensor]:
    """Один шаг LSTM.

    x: [B, d]; state: (h, c), оба [B, H].
    w_ih: [4H, d]; w_hh: [4H, H]; b_ih, b_hh: [4H] — блоки строк i, f, g, o.

    Возвращает новые (h, c), оба [B, H].
    """
    raise NotImplementedError


def gru_cell(
    x: Tensor, h: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor
) -> Tensor:
    """Один шаг GRU.

    x: [B, d]; h: [B, H].
    w_ih: [3H, d]; w_hh: [3H, H]; b_ih, b_hh: [3H] — блоки строк r, z, n.

    Возвращает новое h: [B, H].
    """
    raise NotImplementedError


class MyLSTM(nn.Module):
    """LSTM с параметрами nn.LSTM(input_size, hidden_size).

    Параметры: weight_ih_l0 [4H, d], weight_hh_l0 [4H, H], bias_ih_l0, bias_hh_l0 [4H].
    Вход: x [B, T, d]; state — (h, c), оба [B, H], или None (нули);
    lengths: [B], int64, от 1 до T, или None (все длины равны T).

    Возвращает y [B, T, H] и последнее состояние (h, c), оба [B, H].
    """

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        raise NotImplementedError

    def forward(
        self,
        x: Tensor,
        state: tuple[Tensor, Tensor] | None = None,
        lengths: Tensor | None = None,
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        raise NotImplementedError


class MyGRU(nn.Module):
    """GRU с параметрами nn.GRU(input_size, hidden_size).

    Параметры: weight_ih_l0 [3H, d], weight_hh_l0 [3H, H], bias_ih_l0, bias_hh_l0 [3H].
    Вход: x [B, T, d]; state — h [B, H] или None (нули); lengths — как у MyLSTM.

    Возвращает y [B, T, H] и последнее состояние h [B, H].
    """

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        raise NotImplementedError

    def forward(
        self, x: Tensor, state: Tensor | None = None, lengths: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        raise NotImplementedError
