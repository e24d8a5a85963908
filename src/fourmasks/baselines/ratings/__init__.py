"""Rating models that the MMF and LU-Net papers compare with (MMF, Table 4).

Open `catalogue` first: it lists the tuned ones and what their search draws from; `fitting` is what they
share.
"""
