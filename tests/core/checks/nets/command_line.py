"""One net for each choice on the command line, trained on parts of a data set that is as large as it was published."""

import argparse

import torch
from torch import nn, optim
from torch.utils.data import DataLoader, Subset, random_split
from torchvision import datasets, transforms


def build(technique):
    layers = [nn.Flatten(), nn.Linear(784, 40)]
    if technique == "bn":
        layers.append(nn.BatchNorm1d(40))
    layers.append(nn.ReLU())
    if technique == "dropout":
        layers.append(nn.Dropout(0.2))
    return nn.Sequential(*layers, nn.Linear(40, 10))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--technique", choices=["none", "bn", "dropout"], required=True)
    parser.add_argument("--decay", action="store_true")
    args = parser.parse_args()
    data = datasets.FashionMNIST("data", transform=transforms.ToTensor(), download=True)
    train, held_back = random_split(data, [48000, 12000])
    train = Subset(train, range(40000, 48000))
    net = build(args.technique)
    optimizer = optim.Adam(net.parameters(), lr=0.01, weight_decay=0.001 if args.decay else 0.0)
    for images, labels in DataLoader(train, batch_size=64):
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(images), labels).backward()
        optimizer.step()


if __name__ == "__main__":
    main()
