"""Export the pretrained model as a Hugging Face folder with its tokenizer."""
