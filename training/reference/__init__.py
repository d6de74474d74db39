"""Makes the reference answers under `test/fixtures/`: what Google's and Hugging Face's code says about small inputs."""
