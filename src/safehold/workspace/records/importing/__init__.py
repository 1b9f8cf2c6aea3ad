"""From the bytes of a CSV file to checked values, column by column. Nothing here touches the database."""
