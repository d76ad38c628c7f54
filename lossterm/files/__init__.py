"""Files of predictions: finding out what is in them and reading them in batches of examples.

Reading text, Parquet and Arrow is polars' work; it is imported only when such a file is opened.
"""
