"""The page of `keras-gan-zoo explore`.

`latents.py` and `pictures.py` compute what the page shows; `points.py` and `directions.py` are parts of
the first. None of them needs gradio. `pages/` has the widgets and is the only folder that imports it;
`server.py` serves a page.
"""
