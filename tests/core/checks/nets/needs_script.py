import torch

HIDDEN = len(open("not-here.csv").read())


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(4, HIDDEN)

    def forward(self, x):
        return self.layer(x)
