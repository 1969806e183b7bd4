"""Help for testing (`tf.test`)."""
