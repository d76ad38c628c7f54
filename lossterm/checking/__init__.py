"""Somebody's gradient and Hessian, run in a process of its own and compared with every loss behind every activation."""
