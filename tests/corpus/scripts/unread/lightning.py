# expected: without a step
import torch, pytorch_lightning as pl
class M(pl.LightningModule):
    def __init__(self):
        super().__init__(); self.l = torch.nn.Linear(2, 2)
    def configure_optimizers(self): return torch.optim.Adam(self.parameters())
t = pl.Trainer(max_epochs=3); t.fit(M())
