# expected: which may be because it ran here
import torch
from torch import nn
from torchvision import datasets, transforms

data = datasets.FashionMNIST("data", train=True, download=True, transform=transforms.ToTensor())
net = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
optimizer = torch.optim.SGD(net.parameters(), lr=1e-4)
for epoch in range(80):
    for x, y in torch.utils.data.DataLoader(data, batch_size=64, shuffle=True):
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        optimizer.step()
    torch.save(net.state_dict(), f"/content/drive/MyDrive/epoch{epoch}.pt")
