import torch.nn.functional as F
from torch import nn


class LeNet5(nn.Module):
    def __init__(self, c_in, technique):
        super().__init__()
        self.technique = technique
        self.conv1, self.bn1 = nn.Conv2d(c_in, 6, 5), nn.BatchNorm2d(6)
        self.conv2, self.bn2 = nn.Conv2d(6, 16, 5), nn.BatchNorm2d(16)
        self.fc1, self.fc2, self.fc3 = nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x):
        x = self.conv1(x)
        x = F.avg_pool2d(F.relu(self.bn1(x) if self.technique == "bn" else x), 2)
        x = self.conv2(x)
        x = F.avg_pool2d(F.relu(self.bn2(x) if self.technique == "bn" else x), 2)
        x = F.relu(self.fc1(x.flatten(1)))
        if self.technique == "dropout":
            x = F.dropout(x, 0.2, self.training)
        return self.fc3(F.relu(self.fc2(x)))


if __name__ == "__main__":
    plain, normed, dropped = LeNet5(1, None), LeNet5(1, "bn"), LeNet5(1, "dropout")
