import torch, torch.nn as nn, torch.nn.functional as F, torch.optim as optim
from torchvision import datasets, transforms
from torch.utils.data import DataLoader, random_split, Subset, TensorDataset, Dataset
import argparse, os, time, json, random, logging
import numpy as np
import matplotlib
matplotlib.use('Agg')
import matplotlib.pyplot as plt
from tqdm.auto import tqdm, trange
from torch.utils.tensorboard import SummaryWriter

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding=2); self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16*5*5, 64); self.fc2 = nn.Linear(64, 10)
    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2); x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc2(F.relu(self.fc1(x.flatten(1))))

def set_seed(s):
    random.seed(s); np.random.seed(s); torch.manual_seed(s); torch.cuda.manual_seed_all(s)
    torch.backends.cudnn.deterministic = True
@torch.no_grad()
def evaluate(model, loader, device):
    model.eval(); ok = 0; n = 0; total = 0.
    for x, y in loader:
        x, y = x.to(device, non_blocking=True), y.to(device)
        out = model(x); total += F.cross_entropy(out, y, reduction='sum').item()
        ok += (out.argmax(1) == y).sum().item(); n += len(y)
    return total / n, 100. * ok / n
def train(model, args, writer):
    device = torch.device('cuda:0' if torch.cuda.is_available() else 'mps' if torch.backends.mps.is_available() else 'cpu')
    tf = transforms.Compose([transforms.Resize((28, 28)), transforms.RandomCrop(28, padding=2), transforms.ToTensor(), transforms.Normalize(mean=[0.2860], std=[0.3530])])
    tft = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.2860,), (0.3530,))])
    full = datasets.FashionMNIST(root=os.path.join(os.path.dirname(__file__), 'data'), train=True, download=True, transform=tf)
    test = datasets.FashionMNIST(root='./data', train=False, download=True, transform=tft)
    tr, va = random_split(full, [len(full) - 200, 200], generator=torch.Generator().manual_seed(42))
    kw = dict(num_workers=2, pin_memory=True, persistent_workers=True, worker_init_fn=lambda i: None)
    tl = DataLoader(tr, batch_size=args.batch_size, shuffle=True, drop_last=True, **kw); vl = DataLoader(va, args.batch_size, False, num_workers=2); te = DataLoader(test, batch_size=256)
    model.to(device)
    opt = optim.SGD(model.parameters(), lr=args.lr, momentum=.9, nesterov=True, weight_decay=1e-4)
    sched = optim.lr_scheduler.StepLR(opt, 5, 0.5)
    best = 0; hist = {'train_loss': [], 'val_acc': []}
    scaler = torch.cuda.amp.GradScaler(enabled=False)
    for epoch in trange(1, args.epochs + 1):
        model.train(); pbar = tqdm(enumerate(tl), total=len(tl), desc=f'Epoch {epoch}', leave=False); running = 0.
        for i, (x, y) in pbar:
            x, y = x.to(device), y.to(device)
            opt.zero_grad(set_to_none=True)
            with torch.autocast(device_type=device.type, enabled=False):
                loss = nn.CrossEntropyLoss()(model(x), y)
            scaler.scale(loss).backward(); scaler.step(opt); scaler.update()
            running += loss.item(); pbar.set_postfix(loss=f'{running/(i+1):.3f}')
        sched.step()
        vl_, va_ = evaluate(model, vl, device)
        writer.add_scalar('Loss/val', vl_, epoch); writer.add_scalars('acc', {'val': va_}, epoch)
        hist['val_acc'].append(va_)
        if va_ > best:
            best = va_; os.makedirs('checkpoints', exist_ok=True); torch.save({'epoch': epoch, 'model': model.state_dict(), 'opt': opt.state_dict()}, 'checkpoints/best.pt')
        logging.info('epoch %d', epoch); print(f'Epoch {epoch}/{args.epochs} - val_acc: {va_:.2f}%', flush=True)
    ck = torch.load('checkpoints/best.pt', map_location=device); model.load_state_dict(ck['model'])
    print('test', evaluate(model, te, device))
    with open('history.json', 'w') as f: json.dump(hist, f)
    writer.close()
    plt.figure(figsize=(8, 4)); plt.plot(hist['val_acc'], label='val'); plt.xlabel('epoch'); plt.legend(); plt.grid(True); plt.tight_layout(); plt.savefig('plots.png', dpi=150); plt.show(); plt.close()
if __name__ == '__main__':
    p = argparse.ArgumentParser(description='x'); p.add_argument('--epochs', type=int, default=15); p.add_argument('--lr', type=float, default=.02); p.add_argument('--batch-size', type=int, default=32)
    args = p.parse_args(); set_seed(0); train(Net(), args, SummaryWriter('runs/exp1'))
