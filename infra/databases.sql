CREATE DATABASE prefect OWNER polyglot; -- beside that of MLflow, which the image makes
