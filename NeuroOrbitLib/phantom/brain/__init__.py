"""White-matter lesions of multiple sclerosis and neuromyelitis optica on head label maps, and MR images of them."""
