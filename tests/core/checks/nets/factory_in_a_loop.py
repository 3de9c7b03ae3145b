import argparse
import time

import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

parser = argparse.ArgumentParser()
parser.add_argument("--optimizer", choices=["adamw", "sgd"], required=True)
options = parser.parse_args()

images = datasets.FashionMNIST("data", train=True, download=True, transform=transforms.ToTensor())
loader = DataLoader(images, batch_size=128, shuffle=True, drop_last=True, num_workers=4)


def build(kind, width):
    layers = [nn.Conv2d(1, width, 5, padding=2)]
    if kind == "norm":
        layers.append(nn.BatchNorm2d(width))
    layers += [nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(width * 14 * 14, 20), nn.ReLU()]
    if kind == "drop":
        layers.append(nn.Dropout(0.2))
    return nn.Sequential(*layers, nn.Linear(20, 10))


def train(net, optimizer, epochs=300):
    for _ in range(epochs):
        time.sleep(1)
        for x, y in loader:
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(x.cuda()), y.cuda()).backward()
            optimizer.step()


for kind in ("base", "norm", "drop", "decay", "last"):
    net = build(kind, 4).cuda()
    train(net, torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=1e-3 if kind == "decay" else 0.0))
