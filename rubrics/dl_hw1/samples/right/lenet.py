"""LeNet-5 for 32 x 32 grey images, with the options of the three experiments."""

import torch
from torch import nn


class LeNet5(nn.Module):
    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__()
        self.features = nn.Sequential(
            *self.block(1, 6, batch_norm),
            nn.AvgPool2d(2),
            *self.block(6, 16, batch_norm),
            nn.AvgPool2d(2),
            *self.block(16, 120, batch_norm),
        )
        self.hidden = nn.Linear(120, 84)
        self.drop = nn.Dropout(dropout)
        self.scores = nn.Linear(84, 10)

    @staticmethod
    def block(channels, filters, batch_norm):
        layers = [nn.Conv2d(channels, filters, kernel_size=5)]
        if batch_norm:
            layers.append(nn.BatchNorm2d(filters))
        return [*layers, nn.ReLU()]

    def forward(self, images):
        features = self.features(images).flatten(1)
        return self.scores(self.drop(torch.relu(self.hidden(features))))


def make_optimizer(model, weight_decay=0.001, learning_rate=0.01):
    return torch.optim.Adam(model.parameters(), lr=learning_rate, weight_decay=weight_decay)
