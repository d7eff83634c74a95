"""Values -> text: nothing here touches disk or terminal."""
