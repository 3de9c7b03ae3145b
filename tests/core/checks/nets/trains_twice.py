from torch import nn, optim


def run(weight_decay):
    net = nn.Sequential(nn.Linear(20, 3))
    optimizer = optim.Adam(net.parameters(), weight_decay=weight_decay)
    for _ in range(3):
        optimizer.step()


net = nn.Linear(20, 3)
for amount in (0.0, 0.003):
    run(amount)
