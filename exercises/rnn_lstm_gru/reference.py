import torch
from torch import Tensor, nn

State = tuple[Tensor, ...]


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
    h, c = state
    i, f, g, o = (x @ w_ih.mT + b_ih + h @ w_hh.mT + b_hh).chunk(4, dim=1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


def gru_cell(
    x: Tensor, h: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor
) -> Tensor:
    """Один шаг GRU.

    x: [B, d]; h: [B, H].
    w_ih: [3H, d]; w_hh: [3H, H]; b_ih, b_hh: [3H] — блоки строк r, z, n.

    Возвращает новое h: [B, H].
    """
    r_x, z_x, n_x = (x @ w_ih.mT + b_ih).chunk(3, dim=1)
    r_h, z_h, n_h = (h @ w_hh.mT + b_hh).chunk(3, dim=1)
    r, z = (r_x + r_h).sigmoid(), (z_x + z_h).sigmoid()
    n = (n_x + r * n_h).tanh()
    return (1 - z) * n + z * h


class Recurrent(nn.Module):
    def __init__(self, gates: int, input_size: int, hidden_size: int) -> None:
        super().__init__()
        rows = gates * hidden_size
        self.hidden_size = hidden_size
        self.weight_ih_l0 = nn.Parameter(torch.zeros(rows, input_size))
        self.weight_hh_l0 = nn.Parameter(torch.zeros(rows, hidden_size))
        self.bias_ih_l0 = nn.Parameter(torch.zeros(rows))
        self.bias_hh_l0 = nn.Parameter(torch.zeros(rows))

    def step(self, x: Tensor, state: State) -> State:
        raise NotImplementedError

    def run(
        self, x: Tensor, state: State, lengths: Tensor | None
    ) -> tuple[Tensor, State]:
        outputs = []
        for t, x_t in enumerate(x.unbind(1)):
            lives = x.new_ones(len(x), dtype=torch.bool)
            if lengths is not None:
                lives = t < lengths
            new = self.step(x_t, state)
            lives = lives[:, None]
            state = tuple(
                torch.where(lives, after, before)
                for after, before in zip(new, state, strict=True)
            )
            outputs.append(torch.where(lives, new[0], 0))
        return torch.stack(outputs, dim=1), state

    def weights(self) -> tuple[Tensor, ...]:
        return self.weight_ih_l0, self.weight_hh_l0, self.bias_ih_l0, self.bias_hh_l0


class MyLSTM(Recurrent):
    """LSTM с параметрами nn.LSTM(input_size, hidden_size).

    Параметры: weight_ih_l0 [4H, d], weight_hh_l0 [4H, H], bias_ih_l0, bias_hh_l0 [4H].
    Вход: x [B, T, d]; state — (h, c), оба [B, H], или None (нули);
    lengths: [B], int64, от 1 до T, или None (все длины равны T).

    Возвращает y [B, T, H] и последнее состояние (h, c), оба [B, H].
    """

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(4, input_size, hidden_size)

    def step(self, x: Tensor, state: State) -> State:
        return lstm_cell(x, (state[0], state[1]), *self.weights())

    def forward(
        self,
        x: Tensor,
        state: tuple[Tensor, Tensor] | None = None,
        lengths: Tensor | None = None,
    ) -> tuple[Tensor, State]:
        zeros = x.new_zeros(len(x), self.hidden_size)
        return self.run(x, state or (zeros, zeros), lengths)


class MyGRU(Recurrent):
    """GRU с параметрами nn.GRU(input_size, hidden_size).

    Параметры: weight_ih_l0 [3H, d], weight_hh_l0 [3H, H], bias_ih_l0, bias_hh_l0 [3H].
    Вход: x [B, T, d]; state — h [B, H] или None (нули); lengths — как у MyLSTM.

    Возвращает y [B, T, H] и последнее состояние h [B, H].
    """

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(3, input_size, hidden_size)

    def step(self, x: Tensor, state: State) -> State:
        return (gru_cell(x, state[0], *self.weights()),)

    def forward(
        self, x: Tensor, state: Tensor | None = None, lengths: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        if state is None:
            state = x.new_zeros(len(x), self.hidden_size)
        y, (h,) = self.run(x, (state,), lengths)
        return y, h
