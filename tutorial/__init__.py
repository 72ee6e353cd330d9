"""The course: a recurrent network that reads a sine and writes a cosine, shape by shape.

It follows section 6.5 of the text that its readers come from, *the section* below, which makes
the data, the LSTM and the training run. Everything else was added to understand them.

Read the files in this order; each holds one idea.

1. ``data.py``        from numbers to ``(batch, seq, feature)``
2. ``model.py``       the LSTM of the section and the state it hands on
3. ``layers.py``      RNN and GRU, the same interface
4. ``cells.py``       all three again, stepping through time by hand
5. ``family.py``      the six of them side by side, with shared weights
6. ``training.py``    a run that hardly learns, and one that does
7. ``as_printed.py``  what a batch of one hides
8. ``picture.py``, ``shapes.py``, ``walk.py``  how ``python -m tutorial`` shows all this

Every function says the shapes it takes and gives. The code runs with jaxtyping alone;
``pytest`` with shapecheck enforces what is written.
"""
