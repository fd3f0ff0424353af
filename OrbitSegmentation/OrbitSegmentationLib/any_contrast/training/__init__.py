"""How the default model `orbit-any-contrast` is made: real head label maps with fitted parametric orbits, images of
random contrast, two small networks (find the globes, segment an orbit)."""
