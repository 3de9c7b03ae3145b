import torch
import torch.nn as nn
import torch.nn.functional as F


class LeNet5(nn.Module):
    """One convolution short; the dropout knows no evaluation mode; the batch norm is never called."""

    def __init__(self, dropout=0.0, batch_norm=False):
        super().__init__()
        self.dropout = dropout
        self.conv1 = nn.Conv2d(1, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 3, padding=1)
        if batch_norm:
            self.bn1 = nn.BatchNorm2d(6)
            self.bn2 = nn.BatchNorm2d(16)
        self.fc1 = nn.Linear(16 * 7 * 7, 84)
        self.fc2 = nn.Linear(84, 10)

    def forward(self, x):
        x = F.max_pool2d(torch.sigmoid(self.conv1(x)), 2)
        x = F.max_pool2d(torch.sigmoid(self.conv2(x)), 2)
        x = x.view(x.size(0), -1)
        x = torch.sigmoid(self.fc1(x))
        if self.dropout:
            x = F.dropout(x, self.dropout)
        return self.fc2(x)


def make_optimizer(model, weight_decay=0.001):
    return torch.optim.Adam(model.parameters(), lr=0.01)
