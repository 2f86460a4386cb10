"""The widgets of the explorer, with gradio."""
