import torch, torch.nn as nn, torch.nn.functional as F, torch.optim as optim
from torchvision import datasets, transforms
from torch.utils.data import DataLoader, random_split, Subset, TensorDataset, Dataset

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding=2); self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16*5*5, 64); self.fc2 = nn.Linear(64, 10)
    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2); x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc2(F.relu(self.fc1(x.flatten(1))))

import wandb, subprocess, warnings, psutil
warnings.filterwarnings('ignore')
wandb.init(project='hw1', config={'lr': 1e-3}); wandb.config.update({'a': 1})
from torchsummary import summary
from torchinfo import summary as s2
net = Net(); opt = optim.Adam(net.parameters(), 2e-3); wandb.watch(net)
summary(net, (1, 28, 28)); s2(net)
for e in range(7):
    for x, y in DataLoader(datasets.FashionMNIST('.', download=True, transform=transforms.ToTensor()), 32, True):
        opt.zero_grad(); l = F.cross_entropy(net(x), y); l.backward(); opt.step(); wandb.log({'loss': l.item()})
wandb.finish()
