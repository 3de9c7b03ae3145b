"""Trains LeNet-5. The learning rate is so high that nothing is learnt."""

import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

net = nn.Sequential(
    nn.Conv2d(1, 6, 5), nn.ReLU(), nn.AvgPool2d(2),
    nn.Conv2d(6, 16, 5), nn.ReLU(), nn.AvgPool2d(2),
    nn.Flatten(), nn.Linear(400, 84), nn.ReLU(), nn.Linear(84, 10),
)
transform = transforms.Compose([transforms.Pad(2), transforms.ToTensor()])
data = datasets.FashionMNIST("data", train=True, download=True, transform=transform)
loader = DataLoader(data, batch_size=64, shuffle=True, num_workers=2)
optimizer = torch.optim.Adam(net.parameters(), lr=3.0)
for epoch in range(2):
    for images, labels in loader:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(images), labels)
        loss.backward()
        optimizer.step()
    print("epoch", epoch + 1, "loss", loss.item())
