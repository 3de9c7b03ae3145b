"""Trains LeNet-5 four times (baseline, batch norm, dropout, weight decay) and logs every epoch to logs/."""

import argparse
import csv
import os

import torch
from lenet import LeNet5, make_optimizer
from torch import nn
from torch.utils.data import DataLoader, random_split
from torchvision import datasets, transforms

RUNS = {
    "baseline": ({}, 0.0),
    "batch_norm": ({"batch_norm": True}, 0.0),
    "dropout": ({"dropout": 0.2}, 0.0),
    "weight_decay": ({}, 0.001),
}


def loaders(batch_size=64):
    transform = transforms.Compose([transforms.Pad(2), transforms.ToTensor()])
    data = datasets.FashionMNIST("data", train=True, download=True, transform=transform)
    test = datasets.FashionMNIST("data", train=False, download=True, transform=transform)
    validation = len(data) // 5
    train, valid = random_split(data, [len(data) - validation, validation])
    return (
        DataLoader(train, batch_size=batch_size, shuffle=True, num_workers=2),
        DataLoader(valid, batch_size=256),
        DataLoader(test, batch_size=256),
    )


def evaluate(model, loader, device):
    """(mean loss, accuracy) with dropout off."""
    model.eval()
    loss, right, count = 0.0, 0, 0
    with torch.no_grad():
        for images, labels in loader:
            images, labels = images.to(device), labels.to(device)
            scores = model(images)
            loss += nn.functional.cross_entropy(scores, labels, reduction="sum").item()
            right += (scores.argmax(dim=1) == labels).sum().item()
            count += len(labels)
    return loss / count, right / count


def train_one_epoch(model, loader, optimizer, device):
    """(mean loss, accuracy) while training."""
    model.train()
    loss, right, count = 0.0, 0, 0
    for images, labels in loader:
        images, labels = images.to(device), labels.to(device)
        scores = model(images)
        mean = nn.functional.cross_entropy(scores, labels)
        optimizer.zero_grad()
        mean.backward()
        optimizer.step()
        loss += mean.item() * len(labels)
        right += (scores.argmax(dim=1) == labels).sum().item()
        count += len(labels)
    return loss / count, right / count


def train(name, epochs, device):
    settings, weight_decay = RUNS[name]
    model = LeNet5(**settings).to(device)
    optimizer = make_optimizer(model, weight_decay=weight_decay, learning_rate=0.002)
    train_loader, valid_loader, test_loader = loaders()
    best = float("inf")
    os.makedirs("logs", exist_ok=True)
    with open(f"logs/{name}.csv", "w", newline="") as file:
        log = csv.writer(file)
        log.writerow(["epoch", "train_loss", "train_acc", "val_loss", "val_acc"])
        for epoch in range(1, epochs + 1):
            figures = [*train_one_epoch(model, train_loader, optimizer, device), *evaluate(model, valid_loader, device)]
            log.writerow([epoch, *(f"{figure:.4f}" for figure in figures)])
            print(f"{name}: epoch {epoch}/{epochs}", " ".join(f"{figure:.4f}" for figure in figures))
            if figures[2] < best:
                best = figures[2]
                torch.save(model.state_dict(), f"{name}.pt")
    model.load_state_dict(torch.load(f"{name}.pt"))
    test, trained = (evaluate(model, loader, device)[1] for loader in (test_loader, train_loader))
    print(f"{name}: test accuracy {test:.2%}, train accuracy {trained:.2%}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=80)
    parser.add_argument("--runs", nargs="*", default=list(RUNS))
    options = parser.parse_args()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    for run in options.runs:
        train(run, options.epochs, device)
