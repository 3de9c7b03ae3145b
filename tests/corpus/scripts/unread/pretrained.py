# expected: resnet18 is not available
import torch, torch.nn as nn, torch.nn.functional as F, torch.optim as optim
from torchvision import datasets, transforms
from torch.utils.data import DataLoader, random_split, Subset, TensorDataset, Dataset
from torchvision import models
m = models.resnet18(pretrained=True)
m.fc = nn.Linear(512, 10)
opt = optim.SGD(m.parameters(), .1)
opt.step()
