"""Training of the default model `orbit-any-contrast` on images of random contrast.

They are synthesised from real head label maps with fitted parametric orbits and from parametric heads. Three small
networks find the globes, segment an orbit, and segment the chiasm.
"""
